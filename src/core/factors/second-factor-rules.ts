import type { LimitRule } from '../limits.ts';

/**
 * Ten failures lock a second factor of an account for a quarter of an hour, over all dialects (core map F4). Counted
 * apart for each factor, and for each known network of the person.
 */
export const secondFactorFailures: LimitRule = { name: 'second factor failures, account', windowSeconds: 900, max: 10 };

/** Mailed codes asked for by somebody who has the password or a session. Counted like failures. */
export const secondFactorMails: LimitRule = { name: 'second factor mails, account', windowSeconds: 900, max: 5 };

/** How long a mailed code lives, and how often it may be tried. */
export const mailCodeSeconds = 180;
export const mailCodeAttempts = 5;

/** A browser that asked not to be asked again is believed for 30 days from its last use (core map F9). */
export const trustedDeviceSeconds = 30 * 86_400;

/** How long a secret that was shown may wait for its first code. */
export const pendingTotpSeconds = 3600;
