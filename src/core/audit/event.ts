import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Actor } from '../actor.ts';
import type { PublicAction } from './public-log.ts';

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
  | 'project.permissions_changed'
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
  | 'provider.updated'
  | 'provider.unlinked'
  | 'organization.created'
  | 'organization.updated'
  | 'organization.deleted'
  | 'organization.member_added'
  | 'organization.member_removed'
  | 'organization.member_updated'
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
  /** What strangers are told of it; null unless it is public. */
  readonly publicAction: PublicAction | null;
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

/** A public event and its place in the order of commits. */
export interface PlacedEvent extends Event {
  /**
   * Counts up from 1 in each project in the order of commits: a reader who sees one can read all before it. Events of
   * erased people, and those older than the retention, leave gaps.
   */
  readonly position: number;
}

/** Which public events; all conditions hold together. */
export interface PublicQuery {
  readonly actions: readonly PublicAction[];
  /** What this person did themselves. */
  readonly by?: Id;
  /** What happened to this person. */
  readonly about?: Id;
}

export interface EventReads {
  /** Newest first. */
  listOf(subjectUserId: Id, page: { readonly limit: number; readonly before?: Id }): Promise<readonly Event[]>;
  /** Newest first, by id. With `above`, those just above it. */
  listPublic(
    query: PublicQuery,
    page: { readonly limit: number; readonly below?: Id; readonly above?: Id },
  ): Promise<readonly Event[]>;
  /** Of the public event that committed last; 0 when there is none. */
  lastPosition(): Promise<number>;
  /** Null: no public event has this id. */
  positionOf(id: Id): Promise<number | null>;
  /** Public events in the order of their commits. */
  listPlaced(page: { readonly after: number; readonly limit: number }): Promise<readonly PlacedEvent[]>;
}

export interface EventWrites {
  insert(event: Event): Promise<void>;
  /** What was public about this person is theirs alone from now on. */
  withdrawAbout(userId: Id): Promise<void>;
}
