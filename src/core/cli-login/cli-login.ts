import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/** A sign-in that a program without a browser started (hexclave spec §3.9). */
export interface CliLogin {
  readonly id: Id;
  /** SHA-256 of what the program asks with, and of what the person takes to a browser. */
  readonly pollingHash: Uint8Array;
  readonly loginHash: Uint8Array;
  /** The session without identifiers that the program had before; a browser may take it over, once. */
  readonly anonymousSessionId: Id | null;
  readonly anonymousToken: Uint8Array | null;
  readonly anonymousClaimedAt: Instant | null;
  readonly sessionId: Id | null;
  /** Sealed; gone once the program has it. */
  readonly sessionToken: Uint8Array | null;
  readonly approvedAt: Instant | null;
  readonly redeemedAt: Instant | null;
  readonly expiresAt: Instant;
  readonly createdAt: Instant;
}

export interface CliLoginReads {
  findByPolling(hash: Uint8Array): Promise<CliLogin | null>;
  findByLogin(hash: Uint8Array): Promise<CliLogin | null>;
}

export interface CliLoginWrites {
  insert(login: CliLogin): Promise<void>;
  /** One conditional write each: of any number of callers one gets true. */
  approve(id: Id, sessionId: Id, sealedToken: Uint8Array, now: Instant): Promise<boolean>;
  claimAnonymous(id: Id, now: Instant): Promise<boolean>;
  /** Erases the sealed token. */
  redeem(id: Id, now: Instant): Promise<boolean>;
}
