import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { LiveSession, PendingSignIn, SecondFactor, Session } from './session.ts';

export interface SessionReads {
  /** The hot path: one statement, session and person together. */
  findByTokenHash(hash: Uint8Array): Promise<LiveSession | null>;
  find(id: Id): Promise<Session | null>;
  /** Session and person together, for tokens that name the session. */
  findLive(id: Id): Promise<LiveSession | null>;
  /** Unexpired ones, oldest first. */
  listOf(userId: Id, now: Instant): Promise<readonly Session[]>;
}

export interface SessionWrites {
  insert(session: Session): Promise<void>;
  /** Moves the expiry if it is still what the caller saw. */
  extend(id: Id, seenExpiry: Instant, expiresAt: Instant, now: Instant): Promise<boolean>;
  /** New token under the same id; the old one is worth nothing from then on. */
  rotate(id: Id, tokenHash: Uint8Array, now: Instant): Promise<boolean>;
  /** Which second factor this session has shown. */
  setSecondFactor(id: Id, factor: SecondFactor, now: Instant): Promise<void>;
  /** Where the person works in this session. */
  setActive(id: Id, organizationId: Id | null, teamId: Id | null, now: Instant): Promise<void>;
  /** Of all sessions, or of one person's: an organization or team they no longer belong to is not active any more. */
  clearActive(
    left: { readonly organizationId: Id } | { readonly teamId: Id },
    userId: Id | null,
    now: Instant,
  ): Promise<void>;
  /** True when this call ended it. */
  end(id: Id): Promise<boolean>;
  /** With them end those this person opened as somebody else. Ids of their own that ended. */
  endAllOf(userId: Id, exceptId?: Id): Promise<readonly Id[]>;
  /** Sessions this person opened as somebody else. Ids of those ended. */
  endImpersonationsBy(userId: Id): Promise<readonly Id[]>;
  /** Ends all but the `keep` that were used last. Ids of those that ended. */
  endOldest(userId: Id, which: 'own' | 'impersonations', keep: number): Promise<readonly Id[]>;
  /** Write-behind of `last_used_at`. */
  touch(uses: readonly { readonly id: Id; readonly at: Instant }[]): Promise<void>;
}

export interface PendingSignInReads {
  findByTokenHash(hash: Uint8Array): Promise<PendingSignIn | null>;
}

export interface PendingSignInWrites {
  insert(pending: PendingSignIn): Promise<void>;
  voidAllOf(userId: Id, now: Instant): Promise<void>;
  void(id: Id, now: Instant): Promise<void>;
  /** Counts one try. False: all of them were used. */
  countAttempt(id: Id): Promise<boolean>;
  /** Keeps the digest of a mailed code and forgets the tries of the last one. */
  setMailCode(id: Id, mac: Uint8Array, expiresAt: Instant): Promise<void>;
  /** Counts one try of the mailed code. False: `max` were used. */
  countMailCodeAttempt(id: Id, max: number): Promise<boolean>;
  /** One conditional write: of any number of callers one gets true. */
  complete(id: Id, now: Instant): Promise<boolean>;
}
