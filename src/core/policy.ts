import type { PublicLog } from './audit/public-log.ts';
import type { SignUpRule } from './users/judge-sign-up.ts';

/** The rules of one project, as its operator set them. A dialect's profile may be stricter, never looser. */
export interface Policy {
  readonly methods: {
    readonly password: boolean;
    readonly passkey: boolean;
    /** Links and codes in mail sign in, and make the account of an address that has none. */
    readonly mailLink: boolean;
    readonly mailCode: boolean;
  };
  readonly signUp: {
    readonly enabled: boolean;
    /** Accounts that may be made from one network (/24, /64) in an hour; null is no limit. */
    readonly perNetworkHourly: number | null;
    /** `auto` hides that an address is taken where sign-up opens no session anyway (core map P4). */
    readonly concealTaken: 'auto' | 'always';
    /** Who may come, asked in order of priority. */
    readonly rules: readonly SignUpRule[];
    /** What happens to whom no rule decides about. */
    readonly defaultAction: 'allow' | 'reject';
  };
  readonly emailVerification: 'optional' | 'required';
  readonly emails: {
    readonly verifyOnSignUp: boolean;
    readonly changeEnabled: boolean;
    /** Whether following a verification link also signs the person in. */
    readonly signInAfterVerification: boolean;
  };
  readonly password: {
    /** Code points. */
    readonly minLength: number;
    /** False lifts every dialect's own maximum to 256. */
    readonly dialectMaxima: boolean;
  };
  readonly username: {
    readonly minLength: number;
    readonly maxLength: number;
    readonly pattern: RegExp;
    readonly reserved: readonly string[];
    /** How long a deleted person's username stays taken. */
    readonly holdDays: number;
    readonly checkEndpoint: boolean;
    readonly immutable: boolean;
  };
  readonly users: {
    readonly selfDeletion: boolean;
    /** `mail` sends a link first; `direct` deletes on a password or a fresh session. */
    readonly deletionProof: 'mail' | 'direct';
    readonly mayRemoveLastMethod: boolean;
    /** Permissions over the project that everybody starts with, by the names applications gave them. */
    readonly signUpGrants: readonly string[];
  };
  readonly profiles: {
    /** Whose profile everybody may read and find: who chose so, or everyone (core map U3). */
    readonly public: 'chosen' | 'all';
  };
  readonly axumkit: {
    /** What the public log shows of people with a public profile; the key has the name of the API that shows it. */
    readonly publicLog: PublicLog;
  };
  readonly streams: {
    /** Open at a time on one node: by one person, from one address (an IPv6 /64 counts as one), altogether. */
    readonly perPerson: number;
    readonly perAddress: number;
    readonly perNode: number;
  };
  readonly session: {
    readonly maxIdleSeconds: number | null;
    readonly maxAbsoluteSeconds: number;
    /** How young a sign-in must be to count as a proof of presence. 0 switches the test off. */
    readonly freshSeconds: number;
    /** Sessions that one person may have. A sign-in beyond ends the one that was used longest ago. */
    readonly maxPerUser: number;
  };
  readonly credentials: {
    /** How young a proof must be to remove or replace a password, a second factor or an address to sign in with. */
    readonly strongProofSeconds: number;
  };
  readonly codes: { readonly maxLifeSeconds: number };
  readonly mailLinks: {
    /** Mailed links that do not show who follows them lead to a page with a button first. */
    readonly confirm: boolean;
  };
  readonly mfa: {
    readonly askOn: { readonly [method in AskedMethod]: boolean };
    /** A code mailed to a verified address stands in for the authenticator app. */
    readonly mailCodeForTotp: boolean;
  };
  readonly passkeys: {
    /** Relying party; null is the host of the surface. Passkeys made for another one stop working. */
    readonly rpId: string | null;
    /** Applications on devices that may use them, as `passkeyApp` reads them. */
    readonly apps: readonly string[];
  };
  readonly providers: {
    /** What a provider's address that somebody has already leads to: them, a refusal, or another person beside them. */
    readonly merge: 'link' | 'refuse' | 'duplicate';
    readonly linkDifferentEmails: boolean;
    /** An ID token that an application got by itself is taken once. */
    readonly idTokensOnce: boolean;
  };
  readonly organizations: {
    /** People may make organizations themselves. */
    readonly userCreation: boolean;
    /** How many one person may belong to, personal ones aside. Null: any number. */
    readonly limit: number | null;
    readonly membershipLimit: number | null;
    /** Live invitations at a time. */
    readonly invitationLimit: number | null;
    readonly deletion: boolean;
    readonly teams: boolean;
    /** Organizations may make roles of their own. */
    readonly dynamicRoles: boolean;
    /** The invited address must have been verified before; the mailed code alone does not do. */
    readonly requireVerifiedForInvitations: boolean;
    /** Everybody who comes gets an organization of their own (core map O2). */
    readonly personalOnSignUp: boolean;
    /**
     * What founders and members get, by names of roles and permissions as applications see them. Null: the built-in
     * role of owners, of members.
     */
    readonly creatorGrants: readonly string[] | null;
    readonly memberGrants: readonly string[] | null;
  };
  readonly admin: {
    /** People who may do everything, whatever roles they have. */
    readonly userIds: readonly string[];
    readonly impersonationSeconds: number;
    readonly defaultBanReason: string;
    /** What banned people are told at sign-in; null is the surface's own text. */
    readonly bannedMessage: string | null;
    /** Whoever may impersonate may also impersonate administrators. */
    readonly allowImpersonatingAdmins: boolean;
    /** Further roles of the project: name to what each may do. People and sessions are `users` and `sessions`. */
    readonly customRoles: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  };
  readonly apiKeys: {
    readonly enabled: boolean;
    /** Keys that belong to a person. */
    readonly personOwned: boolean;
    /** Keys that belong to an organization. */
    readonly organizationOwned: boolean;
  };
  readonly projectKeys: {
    /** Browsers must show a publishable key. */
    readonly publishableRequired: boolean;
  };
  readonly redirects: {
    /** Origins, host wildcards allowed, that return addresses and browsers may come from. */
    readonly origins: readonly string[];
    /** Also any address of this machine: for projects in development. */
    readonly localhost: boolean;
  };
}

export type AskedMethod = 'password' | 'provider' | 'mail_link' | 'mail_code' | 'passkey';

export const defaultPolicy: Policy = {
  methods: { password: true, passkey: true, mailLink: true, mailCode: true },
  signUp: { enabled: true, perNetworkHourly: 100, concealTaken: 'auto', rules: [], defaultAction: 'allow' },
  emailVerification: 'optional',
  emails: { verifyOnSignUp: true, changeEnabled: true, signInAfterVerification: false },
  password: { minLength: 8, dialectMaxima: true },
  username: {
    minLength: 3,
    maxLength: 30,
    pattern: /^[A-Za-z0-9_.]+$/,
    reserved: [
      'admin',
      'administrator',
      'root',
      'system',
      'support',
      'security',
      'latchkey',
      'me',
      'null',
      'undefined',
    ],
    holdDays: 90,
    checkEndpoint: true,
    immutable: false,
  },
  users: { selfDeletion: false, deletionProof: 'direct', mayRemoveLastMethod: false, signUpGrants: [] },
  profiles: { public: 'chosen' },
  axumkit: { publicLog: 'profile' },
  streams: { perPerson: 10, perAddress: 50, perNode: 5_000 },
  session: { maxIdleSeconds: null, maxAbsoluteSeconds: 31_708_800, freshSeconds: 86_400, maxPerUser: 100 },
  credentials: { strongProofSeconds: 600 },
  codes: { maxLifeSeconds: 86_400 },
  mailLinks: { confirm: true },
  mfa: {
    askOn: { password: true, provider: true, mail_link: true, mail_code: true, passkey: true },
    mailCodeForTotp: false,
  },
  passkeys: { rpId: null, apps: [] },
  providers: { merge: 'link', linkDifferentEmails: false, idTokensOnce: true },
  organizations: {
    userCreation: true,
    limit: null,
    membershipLimit: 100,
    invitationLimit: 100,
    deletion: true,
    teams: false,
    dynamicRoles: false,
    requireVerifiedForInvitations: false,
    personalOnSignUp: false,
    creatorGrants: null,
    memberGrants: null,
  },
  admin: {
    userIds: [],
    impersonationSeconds: 3600,
    defaultBanReason: 'No reason',
    bannedMessage: null,
    allowImpersonatingAdmins: false,
    customRoles: {},
  },
  apiKeys: { enabled: true, personOwned: true, organizationOwned: true },
  projectKeys: { publishableRequired: false },
  redirects: { origins: [], localhost: false },
};
