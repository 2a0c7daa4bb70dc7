import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

export interface Job {
  readonly id: Id;
  readonly kind: string;
  /** Sealed: it may hold live links. Erased when done. */
  readonly payload: Uint8Array | null;
  readonly dedupeKey: string | null;
  readonly state: 'ready' | 'running' | 'done' | 'parked';
  readonly runAt: Instant;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly lastError: string | null;
  readonly createdAt: Instant;
}

export interface JobReads {
  counts(): Promise<{ readonly ready: number; readonly running: number; readonly parked: number }>;
}

export interface JobWrites {
  /**
   * False: a job with this dedupe key is already waiting.
   * @param addressMac by which `discard` finds it; null when it is about no address
   */
  insert(job: Job, addressMac?: Uint8Array | null): Promise<boolean>;
  /** Deletes those about these addresses that wait or were given up. */
  discard(addressMacs: readonly Uint8Array[]): Promise<void>;
  /** Takes up to `limit` due jobs for one worker; a lock left by a dead worker counts as free. */
  claim(worker: string, now: Instant, lockedUntil: Instant, limit: number): Promise<readonly Job[]>;
  /** The worker still works on these, as far as it still has their locks. */
  keep(ids: readonly Id[], worker: string, lockedUntil: Instant): Promise<void>;
  finish(id: Id, worker: string, now: Instant): Promise<void>;
  /** Puts it back for `runAt`, or parks it. */
  fail(id: Id, worker: string, error: string, next: { readonly runAt: Instant } | 'park', now: Instant): Promise<void>;
}

export interface CapturedMail {
  readonly id: Id;
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
  readonly createdAt: Instant;
}

/** Only used without SMTP: development. */
export interface MailCaptureReads {
  /** Newest first. */
  list(filter: { readonly to?: string; readonly limit: number }): Promise<readonly CapturedMail[]>;
  find(id: Id): Promise<CapturedMail | null>;
}

export interface MailCaptureWrites {
  insert(mail: CapturedMail): Promise<void>;
}
