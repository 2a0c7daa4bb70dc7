import { days, hours, inSeconds, minutes } from '../../base/clock.ts';
import type { SurfaceProfile } from '../../core/surface.ts';
import { usualProfile } from '../../core/usual-profile.ts';

/** Better Auth's numbers (spec §1.6, §1.10, §1.11, §10). */
export const betterAuthProfile: SurfaceProfile = {
  ...usualProfile,
  name: 'better-auth',
  session: { ...usualProfile.session, absoluteSeconds: Number.POSITIVE_INFINITY },
  displayName: { minLength: 0, maxLength: 512 },
  anonymous: { ...usualProfile.anonymous, name: 'Anonymous' },
  password: { minLength: 8, maxLength: 128 },
  codes: {
    ...usualProfile.codes,
    emailVerificationSeconds: inSeconds(hours(1)),
    signInLinkSeconds: inSeconds(minutes(5)),
  },
  organizations: { ...usualProfile.organizations, invitationSeconds: inSeconds(days(2)) },
  apiKeys: { ...usualProfile.apiKeys, rateLimit: { windowMs: days(1), max: 10 } },
  limits: [
    { path: /^\/(?:sign-in\/(?:magic-link|email-otp)|email-otp)/, windowSeconds: 60, max: 3 },
    { path: /^\/magic-link\/verify/, windowSeconds: 60, max: 5 },
    {
      path: /^\/(?:request-password-reset|send-verification-email|forget-password|new-link)/,
      windowSeconds: 60,
      max: 3,
    },
    { path: /^\/(?:sign-in|sign-up|change-password|change-email|two-factor)/, windowSeconds: 10, max: 3 },
    // Upstream leaves this to the general limit; it is a password oracle for whoever holds a session (spec §7).
    { path: /^\/verify-password/, windowSeconds: 10, max: 3 },
    { path: /^/, windowSeconds: 10, max: 100 },
  ],
};
