/** The rules of one project, as its operator set them. A dialect's profile may be stricter, never looser. */
export interface Policy {
  readonly methods: { readonly password: boolean; readonly passkey: boolean };
  readonly signUp: {
    readonly enabled: boolean;
    /** `auto` hides that an address is taken where sign-up opens no session anyway (core map P4). */
    readonly concealTaken: 'auto' | 'always';
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
  };
  readonly session: {
    readonly maxIdleSeconds: number | null;
    readonly maxAbsoluteSeconds: number;
    /** How young a sign-in must be to count as a proof of presence. 0 switches the test off. */
    readonly freshSeconds: number;
  };
  readonly codes: { readonly maxLifeSeconds: number };
  readonly mfa: {
    readonly required: boolean;
    readonly askOn: { readonly [method in AskedMethod]: boolean };
  };
  readonly passkeys: {
    /** Relying party; null is the host of the surface. Passkeys made for another one stop working. */
    readonly rpId: string | null;
  };
  readonly providers: {
    readonly merge: 'link' | 'refuse';
    readonly linkDifferentEmails: boolean;
  };
  readonly redirects: {
    /** Origins, host wildcards allowed, that return addresses and browsers may come from. */
    readonly origins: readonly string[];
  };
}

export type AskedMethod = 'password' | 'provider' | 'mail_link' | 'mail_code' | 'passkey';

export const defaultPolicy: Policy = {
  methods: { password: true, passkey: true },
  signUp: { enabled: true, concealTaken: 'auto' },
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
  users: { selfDeletion: false, deletionProof: 'direct', mayRemoveLastMethod: false },
  session: { maxIdleSeconds: null, maxAbsoluteSeconds: 31_708_800, freshSeconds: 86_400 },
  codes: { maxLifeSeconds: 86_400 },
  mfa: {
    required: false,
    askOn: { password: true, provider: true, mail_link: true, mail_code: true, passkey: true },
  },
  passkeys: { rpId: null },
  providers: { merge: 'link', linkDifferentEmails: false },
  redirects: { origins: [] },
};
