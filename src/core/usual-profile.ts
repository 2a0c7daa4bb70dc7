import { days, hours, inSeconds, minutes } from '../base/clock.ts';
import type { SurfaceProfile } from './surface.ts';

/**
 * What holds on a surface whose API says nothing else. A dialect spreads it and states where its spec differs, so that
 * its profile reads as the list of those differences. Name and front limits are each surface's own.
 */
export const usualProfile: Omit<SurfaceProfile, 'name' | 'limits'> = {
  session: {
    idleSeconds: inSeconds(days(7)),
    extendAfterSeconds: inSeconds(days(1)),
    absoluteSeconds: inSeconds(days(30)),
    shortSeconds: inSeconds(days(1)),
    portable: true,
  },
  passkeys: { relyingParty: 'surface', onePerPerson: false },
  anonymous: { name: null, erasedAtSignIn: true, whileClosed: false },
  accepts: { restricted: false, anonymous: false },
  password: { minLength: 8, maxLength: 256 },
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
    emailVerificationSeconds: inSeconds(days(1)),
    emailChangeSeconds: inSeconds(hours(1)),
    passwordResetSeconds: inSeconds(hours(1)),
    userDeletionSeconds: inSeconds(days(1)),
    providerFlowSeconds: inSeconds(minutes(10)),
    providerSignUpSeconds: inSeconds(minutes(10)),
    passkeyCeremonySeconds: inSeconds(minutes(5)),
    signInLinkSeconds: inSeconds(minutes(15)),
    mailCodeSeconds: inSeconds(minutes(5)),
    sharedSessionSeconds: inSeconds(minutes(3)),
  },
  organizations: {
    invitationSeconds: inSeconds(days(7)),
    reinvite: 'refuse',
    soleMemberMayLeave: false,
    membersMayAccept: false,
  },
  apiKeys: {
    nameLength: { min: 1, max: 32 },
    prefixLength: { min: 1, max: 32 },
    lifeSeconds: { min: inSeconds(days(1)), max: inSeconds(days(365)) },
    text: 'plain',
    rateLimit: null,
  },
  mailCodeAttempts: 3,
  pendingSignIn: { lifeSeconds: inSeconds(minutes(10)), maxAttempts: 5 },
};
