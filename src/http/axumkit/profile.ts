import { hours, inSeconds, minutes } from '../../base/clock.ts';
import type { SurfaceProfile } from '../../core/surface.ts';
import { usualProfile } from '../../core/usual-profile.ts';

/** AxumKit's numbers (spec §1.3, §1.8, §1.9, §2.5). */
export const axumKitProfile: SurfaceProfile = {
  ...usualProfile,
  name: 'axumkit',
  session: {
    idleSeconds: inSeconds(hours(24)),
    // Half of the sliding life: AUTH_SESSION_REFRESH_THRESHOLD 50.
    extendAfterSeconds: inSeconds(hours(12)),
    absoluteSeconds: inSeconds(hours(720)),
    // `remember_me` decides how long the browser keeps the cookie, not how long the session lives.
    shortSeconds: null,
    portable: true,
  },
  password: { minLength: 6, maxLength: 20 },
  username: { minLength: 3, maxLength: 20 },
  displayName: { minLength: 1, maxLength: 50 },
  publishesProfiles: true,
  providers: {
    ...usualProfile.providers,
    mergesByAddress: false,
    asksNewPeople: true,
    onePerPerson: true,
    linksAnyAddress: true,
  },
  codes: {
    ...usualProfile.codes,
    emailVerificationSeconds: inSeconds(hours(1)),
    emailChangeSeconds: inSeconds(minutes(15)),
    passwordResetSeconds: inSeconds(minutes(15)),
    userDeletionSeconds: inSeconds(hours(1)),
    providerFlowSeconds: inSeconds(minutes(5)),
  },
  pendingSignIn: { lifeSeconds: inSeconds(minutes(2)), maxAttempts: 1 },
  limits: [
    {
      path: /^\/v0\/auth\/(?:forgot-password|resend-verification-email|change-email|signup)$/,
      windowSeconds: 60,
      max: 5,
    },
    { path: /^\/v0\/users$/, windowSeconds: 60, max: 10 },
    { path: /^\/v0\/(?:app\/)?auth\//, windowSeconds: 60, max: 30 },
    { path: /^/, windowSeconds: 10, max: 100 },
  ],
};
