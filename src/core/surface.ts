/** The five APIs, and the surfaces of our own that also sign people in. */
export type SurfaceName = 'better-auth' | 'hexclave' | 'axumkit' | 'pages' | 'cli';

/**
 * What differs between surfaces, as data (core map M1). A use case combines it with the project's policy;
 * where safety is at stake the stricter of the two holds.
 */
export interface SurfaceProfile {
  readonly name: SurfaceName;
  readonly session: {
    /** Persistent sessions: life after last use, and how much of it must be gone before it is extended. */
    readonly idleSeconds: number | null;
    readonly extendAfterSeconds: number | null;
    readonly absoluteSeconds: number;
    /** Sessions the person asked not to be remembered: fixed life. Null: only the browser forgets them earlier. */
    readonly shortSeconds: number | null;
    /** False: only the dialect that made the session accepts it (core map T4). */
    readonly portable: boolean;
  };
  readonly passkeys: {
    /** Whose they are: this surface's, or the application's whose origin the browser names (core map F10). */
    readonly relyingParty: 'surface' | 'application';
    /** A new one takes the place of what the person made here before. */
    readonly onePerPerson: boolean;
  };
  readonly anonymous: {
    /** Who signs in as somebody else leaves no anonymous person behind (core map T9). */
    readonly erasedAtSignIn: boolean;
    readonly name: string | null;
    /** Made even while nobody may sign up. */
    readonly whileClosed: boolean;
  };
  readonly accepts: { readonly restricted: boolean; readonly anonymous: boolean };
  readonly password: { readonly minLength: number; readonly maxLength: number };
  readonly username: { readonly minLength: number; readonly maxLength: number };
  readonly displayName: { readonly minLength: number; readonly maxLength: number };
  /** Profiles made or written here are for everybody to read (core map U3). */
  readonly publishesProfiles: boolean;
  /** Whoever can read the mail of a verified address can always come back: by a code, or by a reset (core map P9). */
  readonly mailboxIsWayIn: boolean;
  readonly providers: {
    /** A verified address may lead to the account that has it, where policy allows it (core map P7). */
    readonly mergesByAddress: boolean;
    /** New people choose a username before they are made. */
    readonly asksNewPeople: boolean;
    /** One identity of each provider for a person (core map P8). */
    readonly onePerPerson: boolean;
    /** An identity may be linked whatever address it has. */
    readonly linksAnyAddress: boolean;
    /** False: whoever comes without an address is made without one. */
    readonly needsAddress: boolean;
    /** What is linked signs in only if nothing of that provider does yet (core map P8). */
    readonly oneForSignIn: boolean;
  };
  /** Schemes of applications on a device that codes may be sent to, whatever the project trusts. */
  readonly nativeSchemes: readonly string[];
  /** Lives of what this surface mails, in seconds. */
  readonly codes: {
    readonly emailVerificationSeconds: number;
    readonly emailChangeSeconds: number;
    readonly passwordResetSeconds: number;
    readonly userDeletionSeconds: number;
    readonly providerFlowSeconds: number;
    readonly providerSignUpSeconds: number;
    readonly passkeyCeremonySeconds: number;
    readonly signInLinkSeconds: number;
    readonly mailCodeSeconds: number;
    readonly sharedSessionSeconds: number;
  };
  readonly organizations: {
    readonly invitationSeconds: number;
    /** What a second invitation of an address does while one is open. */
    readonly reinvite: 'refuse' | 'extend' | 'add';
    /** Accepting what one is a member of already closes the invitation; elsewhere it is refused. */
    readonly membersMayAccept: boolean;
    /** An owner who is alone may leave an organization empty (core map O4). */
    readonly soleMemberMayLeave: boolean;
  };
  /** Bounds and defaults of keys that are made here (core map K2, K6). */
  readonly apiKeys: {
    readonly nameLength: { readonly min: number; readonly max: number };
    readonly prefixLength: { readonly min: number; readonly max: number };
    readonly lifeSeconds: { readonly min: number; readonly max: number };
    /** `scannable`: type and checksum in the text, for those who search code for leaked keys (hexclave spec §3.13). */
    readonly text: 'plain' | 'scannable';
    /** Null: unlimited unless the key says otherwise. */
    readonly rateLimit: { readonly windowMs: number; readonly max: number } | null;
  };
  /** Tries of one mailed code. */
  readonly mailCodeAttempts: number;
  readonly pendingSignIn: { readonly lifeSeconds: number; readonly maxAttempts: number };
  /** Front limits: first row whose pattern matches the path inside the dialect. Counted per network and path. */
  readonly limits: readonly FrontLimit[];
}

export interface FrontLimit {
  readonly path: RegExp;
  readonly windowSeconds: number;
  readonly max: number;
}
