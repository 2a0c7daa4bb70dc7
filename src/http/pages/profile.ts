import { days, hours, minutes } from '../../base/clock.ts';
import type { SurfaceProfile } from '../../core/surface.ts';

const seconds = (ms: number): number => ms / 1000;

/** Our own pages. The command line uses the same numbers under its own name. */
export const pagesProfile: SurfaceProfile = {
  name: 'pages',
  session: {
    idleSeconds: seconds(days(7)),
    extendAfterSeconds: seconds(days(1)),
    absoluteSeconds: seconds(days(30)),
    shortSeconds: seconds(days(1)),
    portable: true,
  },
  passkeys: { relyingParty: 'surface', onePerPerson: false },
  anonymous: { name: null, kept: false, whileClosed: false },
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
    emailVerificationSeconds: seconds(days(1)),
    emailChangeSeconds: seconds(hours(1)),
    passwordResetSeconds: seconds(hours(1)),
    userDeletionSeconds: seconds(days(1)),
    providerFlowSeconds: seconds(minutes(10)),
    providerSignUpSeconds: seconds(minutes(10)),
    passkeyCeremonySeconds: seconds(minutes(5)),
    signInLinkSeconds: seconds(minutes(15)),
    mailCodeSeconds: seconds(minutes(5)),
    sharedSessionSeconds: seconds(minutes(3)),
  },
  organizations: {
    invitationSeconds: seconds(days(7)),
    reinvite: 'extend',
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
  pendingSignIn: { lifeSeconds: seconds(minutes(10)), maxAttempts: 5 },
  limits: [{ path: /^/, windowSeconds: 60, max: 60 }],
};
