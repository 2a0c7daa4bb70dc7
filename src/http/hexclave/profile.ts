import { days, inSeconds, minutes, seconds } from '../../base/clock.ts';
import type { SurfaceProfile } from '../../core/surface.ts';
import { usualProfile } from '../../core/usual-profile.ts';

/** Hexclave's numbers (spec §1.8, §1.13, §1.14). */
export const hexclaveProfile: SurfaceProfile = {
  ...usualProfile,
  name: 'hexclave',
  session: {
    idleSeconds: null,
    extendAfterSeconds: null,
    absoluteSeconds: inSeconds(days(365)),
    shortSeconds: inSeconds(days(365)),
    portable: true,
  },
  passkeys: { relyingParty: 'application', onePerPerson: true },
  anonymous: { name: null, erasedAtSignIn: false, whileClosed: true },
  // Let in, and shown to endpoints only when the request says that it takes them (spec §1.5 step 5).
  accepts: { restricted: true, anonymous: true },
  password: { minLength: 8, maxLength: 70 },
  mailboxIsWayIn: true,
  providers: { ...usualProfile.providers, linksAnyAddress: true, needsAddress: false, oneForSignIn: true },
  nativeSchemes: ['hexclave-mobile-oauth-url', 'stack-auth-mobile-oauth-url'],
  codes: {
    ...usualProfile.codes,
    emailVerificationSeconds: inSeconds(days(7)),
    emailChangeSeconds: inSeconds(days(7)),
    passwordResetSeconds: inSeconds(days(7)),
    passkeyCeremonySeconds: inSeconds(seconds(65)),
    signInLinkSeconds: inSeconds(days(7)),
    mailCodeSeconds: inSeconds(days(7)),
  },
  organizations: {
    ...usualProfile.organizations,
    reinvite: 'add',
    soleMemberMayLeave: true,
    membersMayAccept: true,
  },
  apiKeys: {
    nameLength: { min: 0, max: 256 },
    prefixLength: { min: 2, max: 2 },
    lifeSeconds: { min: 1, max: inSeconds(days(36_500)) },
    text: 'scannable',
    rateLimit: null,
  },
  mailCodeAttempts: 20,
  pendingSignIn: { lifeSeconds: inSeconds(minutes(5)), maxAttempts: 5 },
  limits: [
    { path: /^\/auth\/(?:password|otp|mfa|passkey|anonymous|cli)/, windowSeconds: 10, max: 20 },
    { path: /^\/auth\/oauth\/token/, windowSeconds: 10, max: 100 },
    { path: /^\/(?:contact-channels|team-invitations)\/(?:verify|send|accept)/, windowSeconds: 10, max: 20 },
    { path: /^\/integrations\//, windowSeconds: 10, max: 100 },
    { path: /^/, windowSeconds: 10, max: 500 },
  ],
};

/** A project's own people wait this long at most for a session that its server opens (spec §4.1). */
export const longestServerSessionMs = 31_708_800_000;
