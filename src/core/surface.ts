/** The five APIs, and the surfaces of our own that also sign people in. */
export type SurfaceName = 'better-auth' | 'hexclave' | 'pages' | 'cli';

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
    /** Sessions the person asked not to be remembered: fixed life. */
    readonly shortSeconds: number;
    /** False: only the dialect that made the session accepts it (core map T4). */
    readonly portable: boolean;
  };
  readonly accepts: { readonly restricted: boolean; readonly anonymous: boolean };
  readonly password: { readonly minLength: number; readonly maxLength: number };
  readonly username: { readonly minLength: number; readonly maxLength: number };
  readonly displayName: { readonly minLength: number; readonly maxLength: number };
  /** Lives of what this surface mails, in seconds. */
  readonly codes: {
    readonly emailVerificationSeconds: number;
    readonly emailChangeSeconds: number;
    readonly passwordResetSeconds: number;
    readonly userDeletionSeconds: number;
    readonly providerFlowSeconds: number;
    readonly passkeyCeremonySeconds: number;
    readonly signInLinkSeconds: number;
    readonly mailCodeSeconds: number;
    readonly sharedSessionSeconds: number;
  };
  readonly organizations: {
    readonly invitationSeconds: number;
    /** What a second invitation of an address does while one is open. */
    readonly reinvite: 'refuse' | 'extend';
    /** An owner who is alone may leave an organization empty (core map O4). */
    readonly soleMemberMayLeave: boolean;
  };
  /** Bounds and defaults of keys that are made here (core map K2, K6). */
  readonly apiKeys: {
    readonly nameLength: { readonly min: number; readonly max: number };
    readonly prefixLength: { readonly min: number; readonly max: number };
    readonly lifeSeconds: { readonly min: number; readonly max: number };
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
