/** Allowed uses of one key in a window that starts with the first use. */
export interface LimitRule {
  readonly name: string;
  readonly windowSeconds: number;
  readonly max: number;
}

export interface Limiter {
  /**
   * Counts one use. `retryAfterSeconds` is null while the key is within its limit; refused uses do not count, so
   * knocking does not prolong the wait.
   */
  hit(rule: LimitRule, key: string): Promise<{ readonly retryAfterSeconds: number | null }>;
  /** The same without waiting. Null, and nothing is counted, where counting means asking somebody else. */
  hitNow(rule: LimitRule, key: string): { readonly retryAfterSeconds: number | null } | null;
  /** Takes the failures back after a success. */
  reset(rule: LimitRule, key: string): Promise<void>;
}
