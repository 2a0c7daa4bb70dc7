import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { Actor } from '../actor.ts';
import type { JsonObject } from '../users/user.ts';

/** Core map §5.4. */
export type EventType =
  | 'account.created'
  | 'account.signed_in'
  | 'account.sign_in_failed'
  | 'account.signed_out'
  | 'account.updated'
  | 'account.image_changed'
  | 'account.banned'
  | 'account.unbanned'
  | 'account.deleted'
  | 'account.roles_changed'
  | 'account.impersonated'
  | 'api_key.created'
  | 'api_key.updated'
  | 'api_key.revoked'
  | 'api_key.used'
  | 'session.ended'
  | 'signing_key.rotated'
  | 'project.created'
  | 'project.updated'
  | 'project.deleted'
  | 'project.keys_created'
  | 'project.keys_revoked'
  | 'password.changed'
  | 'password.reset'
  | 'password.reset_requested'
  | 'password.removed'
  | 'email.verified'
  | 'email.changed'
  | 'email.verification_failed'
  | 'mfa.enabled'
  | 'mfa.disabled'
  | 'mfa.codes_regenerated'
  | 'passkey.added'
  | 'passkey.removed'
  | 'provider.linked'
  | 'provider.unlinked'
  | 'organization.created'
  | 'organization.updated'
  | 'organization.deleted'
  | 'organization.member_added'
  | 'organization.member_removed'
  | 'organization.roles_changed'
  | 'organization.invited'
  | 'organization.invitation_accepted'
  | 'organization.invitation_rejected'
  | 'organization.invitation_canceled'
  | 'organization.role_created'
  | 'organization.role_updated'
  | 'organization.role_deleted'
  | 'organization.team_created'
  | 'organization.team_updated'
  | 'organization.team_deleted'
  | 'organization.team_member_added'
  | 'organization.team_member_removed';

export type Visibility = 'internal' | 'user' | 'organization' | 'public';

export interface Event {
  readonly id: Id;
  readonly type: EventType;
  readonly level: 'info' | 'warn';
  /** Fixed when recorded: a later change of policy publishes nothing old. */
  readonly visibility: Visibility;
  readonly actorKind: Actor['kind'];
  readonly actorId: Id | null;
  readonly subjectUserId: Id | null;
  /** Where it happened, when inside an organization. */
  readonly organizationId: Id | null;
  /** The key that acted, or that it is about. */
  readonly apiKeyId: Id | null;
  readonly sessionId: Id | null;
  readonly madeBy: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Never a secret (rule 36). */
  readonly data: JsonObject;
  readonly createdAt: Instant;
}

export interface EventReads {
  /** Newest first. */
  listOf(subjectUserId: Id, page: { readonly limit: number; readonly before?: Id }): Promise<readonly Event[]>;
}

export interface EventWrites {
  insert(event: Event): Promise<void>;
}
