import type { LimitRule } from '../limits.ts';

/** Ten failures lock the second factor of an account for a quarter of an hour, over all dialects (core map F4). */
export const secondFactorFailures: LimitRule = { name: 'second factor failures, account', windowSeconds: 900, max: 10 };

/** How long a mailed code lives, and how often it may be tried. */
export const mailCodeSeconds = 180;
export const mailCodeAttempts = 5;

/** A browser that asked not to be asked again is believed for 30 days from its last use (core map F9). */
export const trustedDeviceSeconds = 30 * 86_400;

/** How long a secret that was shown may wait for its first code. */
export const pendingTotpSeconds = 3600;
