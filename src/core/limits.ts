import type { Instant } from '../base/clock.ts';

/** Allowed uses of one key in a window that starts with the first use. */
export interface LimitRule {
  readonly name: string;
  readonly windowSeconds: number;
  readonly max: number;
}

/** One counted use, or a refused one. */
export interface Hit {
  /** Null while the key is within its limit. */
  readonly retryAfterSeconds: number | null;
  /** Start of the window that the use was counted in: with it the use can be given back, and no later one. */
  readonly windowStart: Instant;
}

export interface Limiter {
  /**
   * Counts one use. `retryAfterSeconds` is null while the key is within its limit; refused uses do not count, so
   * knocking does not prolong the wait.
   */
  hit(rule: LimitRule, key: string): Promise<Hit>;
  /** The same without waiting. Null, and nothing is counted, where counting means asking somebody else. */
  hitNow(rule: LimitRule, key: string): { readonly retryAfterSeconds: number | null } | null;
  /**
   * Gives one counted use back. The count never goes below zero, and a window that is over stays as it is. Use cases
   * call this and `reset` through `tryOnce`, which says what each is for.
   */
  giveBack(rule: LimitRule, key: string, windowStart: Instant): Promise<void>;
  /** Forgets every counted use of the key. */
  reset(rule: LimitRule, key: string): Promise<void>;
}
