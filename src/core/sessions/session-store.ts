import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { LiveSession, PendingSignIn, Session } from './session.ts';

export interface SessionReads {
  /** The hot path: one statement, session and person together. */
  findByTokenHash(hash: Uint8Array): Promise<LiveSession | null>;
  find(id: Id): Promise<Session | null>;
  /** Unexpired ones, oldest first. */
  listOf(userId: Id, now: Instant): Promise<readonly Session[]>;
}

export interface SessionWrites {
  insert(session: Session): Promise<void>;
  /** Moves the expiry if it is still what the caller saw. */
  extend(id: Id, seenExpiry: Instant, expiresAt: Instant, now: Instant): Promise<boolean>;
  /** New token under the same id; the old one is worth nothing from then on. */
  rotate(id: Id, tokenHash: Uint8Array, now: Instant): Promise<boolean>;
  /** True when this call ended it. */
  end(id: Id): Promise<boolean>;
  /** Ids of the sessions ended. */
  endAllOf(userId: Id, exceptId?: Id): Promise<readonly Id[]>;
  /** Write-behind of `last_used_at`. */
  touch(uses: readonly { readonly id: Id; readonly at: Instant }[]): Promise<void>;
  /** Deletes rows that expired before `before`; at most `limit`. */
  sweep(before: Instant, limit: number): Promise<number>;
}

export interface PendingSignInWrites {
  insert(pending: PendingSignIn): Promise<void>;
  voidAllOf(userId: Id, now: Instant): Promise<void>;
  sweep(before: Instant, limit: number): Promise<number>;
}
