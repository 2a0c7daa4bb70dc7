import type { LimitRule } from '../../core/limits.ts';

/** Whole seconds until the window is over, rounded up so that who waits that long is let in. */
export const retryAfterSeconds = (rule: LimitRule, windowStart: number, now: number): number =>
  Math.max(1, Math.ceil((windowStart + rule.windowSeconds * 1000 - now) / 1000));

/** Keyed digest of a limiter key: keys hold addresses and e-mails, which the counting place need not know. */
export type LimitKeyMac = (message: string) => Uint8Array;

export const limitKeyMessage = (rule: LimitRule, key: string): string => `${rule.name}\n${key}`;
