import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../users/user.ts';

/** Core map §5.4. */
export type EventType =
  | 'account.created'
  | 'account.signed_in'
  | 'account.sign_in_failed'
  | 'account.signed_out'
  | 'account.updated'
  | 'account.banned'
  | 'account.unbanned'
  | 'account.deleted'
  | 'account.roles_changed'
  | 'session.ended'
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
  | 'provider.unlinked';

export type Visibility = 'internal' | 'user' | 'organization' | 'public';

export interface Event {
  readonly id: Id;
  readonly type: EventType;
  readonly level: 'info' | 'warn';
  /** Fixed when recorded: a later change of policy publishes nothing old. */
  readonly visibility: Visibility;
  readonly actorKind: 'anonymous' | 'user' | 'system';
  readonly actorId: Id | null;
  readonly subjectUserId: Id | null;
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
