import { days, hours, minutes } from '../../base/clock.ts';
import type { SurfaceProfile } from '../../core/surface.ts';

const seconds = (ms: number): number => ms / 1000;

/** AxumKit's numbers (spec §1.3, §1.8, §1.9, §2.5). */
export const axumKitProfile: SurfaceProfile = {
  name: 'axumkit',
  session: {
    idleSeconds: seconds(hours(24)),
    // Half of the sliding life: AUTH_SESSION_REFRESH_THRESHOLD 50.
    extendAfterSeconds: seconds(hours(12)),
    absoluteSeconds: seconds(hours(720)),
    // `remember_me` decides how long the browser keeps the cookie, not how long the session lives.
    shortSeconds: null,
    portable: true,
  },
  passkeys: { relyingParty: 'surface', onePerPerson: false },
  anonymous: { name: null, kept: false, whileClosed: false },
  accepts: { restricted: false, anonymous: false },
  password: { minLength: 6, maxLength: 20 },
  username: { minLength: 3, maxLength: 20 },
  displayName: { minLength: 1, maxLength: 50 },
  publishesProfiles: true,
  mailboxIsWayIn: false,
  providers: {
    mergesByAddress: false,
    asksNewPeople: true,
    onePerPerson: true,
    linksAnyAddress: true,
    needsAddress: true,
    oneForSignIn: false,
  },
  nativeSchemes: [],
  codes: {
    emailVerificationSeconds: seconds(hours(1)),
    emailChangeSeconds: seconds(minutes(15)),
    passwordResetSeconds: seconds(minutes(15)),
    userDeletionSeconds: seconds(hours(1)),
    providerFlowSeconds: seconds(minutes(5)),
    providerSignUpSeconds: seconds(minutes(10)),
    passkeyCeremonySeconds: seconds(minutes(5)),
    signInLinkSeconds: seconds(minutes(15)),
    mailCodeSeconds: seconds(minutes(5)),
    sharedSessionSeconds: seconds(minutes(3)),
  },
  organizations: {
    invitationSeconds: seconds(days(7)),
    reinvite: 'refuse',
    soleMemberMayLeave: false,
    membersMayAccept: false,
  },
  apiKeys: {
    nameLength: { min: 1, max: 32 },
    prefixLength: { min: 1, max: 32 },
    lifeSeconds: { min: seconds(days(1)), max: seconds(days(365)) },
    text: 'plain',
    needFreshSession: true,
    rateLimit: null,
  },
  mailCodeAttempts: 3,
  pendingSignIn: { lifeSeconds: 120, maxAttempts: 1 },
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
