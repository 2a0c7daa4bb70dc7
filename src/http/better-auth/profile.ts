import { days, hours, minutes } from '../../base/clock.ts';
import type { SurfaceProfile } from '../../core/surface.ts';

const seconds = (ms: number): number => ms / 1000;

/** Better Auth's numbers (spec §1.6, §1.10, §1.11, §10). */
export const betterAuthProfile: SurfaceProfile = {
  name: 'better-auth',
  session: {
    idleSeconds: seconds(days(7)),
    extendAfterSeconds: seconds(days(1)),
    absoluteSeconds: Number.POSITIVE_INFINITY,
    shortSeconds: seconds(days(1)),
    portable: true,
  },
  passkeys: { relyingParty: 'surface', onePerPerson: false },
  anonymous: { name: 'Anonymous', kept: false, whileClosed: false },
  accepts: { restricted: false, anonymous: false },
  password: { minLength: 8, maxLength: 128 },
  username: { minLength: 3, maxLength: 30 },
  displayName: { minLength: 0, maxLength: 256 },
  publishesProfiles: false,
  mailboxIsWayIn: false,
  providers: {
    mergesByAddress: true,
    asksNewPeople: false,
    onePerPerson: false,
    linksAnyAddress: false,
    needsAddress: true,
    oneForSignIn: false,
  },
  nativeSchemes: [],
  codes: {
    emailVerificationSeconds: seconds(hours(1)),
    emailChangeSeconds: seconds(hours(1)),
    passwordResetSeconds: seconds(hours(1)),
    userDeletionSeconds: seconds(days(1)),
    providerFlowSeconds: seconds(minutes(10)),
    providerSignUpSeconds: seconds(minutes(10)),
    passkeyCeremonySeconds: seconds(minutes(5)),
    signInLinkSeconds: seconds(minutes(5)),
    mailCodeSeconds: seconds(minutes(5)),
    sharedSessionSeconds: seconds(minutes(3)),
  },
  organizations: {
    invitationSeconds: seconds(days(2)),
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
    rateLimit: { windowMs: days(1), max: 10 },
  },
  mailCodeAttempts: 3,
  pendingSignIn: { lifeSeconds: seconds(minutes(10)), maxAttempts: 5 },
  limits: [
    { path: /^\/(?:sign-in\/(?:magic-link|email-otp)|email-otp)/, windowSeconds: 60, max: 3 },
    { path: /^\/magic-link\/verify/, windowSeconds: 60, max: 5 },
    { path: /^\/(?:request-password-reset|send-verification-email|forget-password)/, windowSeconds: 60, max: 3 },
    { path: /^\/(?:sign-in|sign-up|change-password|change-email|two-factor)/, windowSeconds: 10, max: 3 },
    // Upstream leaves this to the general limit; it is a password oracle for whoever holds a session (spec §7).
    { path: /^\/verify-password/, windowSeconds: 10, max: 3 },
    { path: /^/, windowSeconds: 10, max: 100 },
  ],
};
