import type { AdditionalField } from './additional-field.ts';
/** The shapes that `config/` produces and `compose.ts` hands on. Plain values, units in the names. */
export interface Config {
  readonly http: HttpConfig;
  readonly dataDir: string;
  readonly database: DatabaseConfig;
  readonly redisUrl: string | null;
  readonly secrets: { readonly current: string; readonly previous: readonly string[] };
  readonly mail: MailConfig;
  readonly log: {
    readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
    readonly pretty: boolean;
  };
  readonly hashing: {
    readonly memoryKib: number;
    readonly iterations: number;
    readonly parallelism: number;
    /** How many hashes run at once, and how many may wait. */
    readonly concurrency: number;
    readonly queueLength: number;
  };
  readonly sessionCacheEntries: number;
  /** How long is kept what has no end of its own. */
  readonly retention: { readonly eventDays: number; readonly anonymousDays: number };
  readonly mounts: { readonly [dialect in DialectName]: Mount };
  readonly projects: readonly ProjectConfig[];
  /** Cloudflare's challenge for people who sign up; null: none is asked. */
  readonly turnstile: { readonly secret: string; readonly url: string } | null;
  /** File of the sums of passwords that nobody may take; null: none is looked up. */
  readonly breachedPasswords: string | null;
  readonly development: boolean;
}

export type DialectName = 'better-auth' | 'hexclave' | 'axumkit';
export const dialectNames: readonly DialectName[] = ['better-auth', 'hexclave', 'axumkit'];

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash, without a path. */
  readonly publicUrl: string;
  /** Addresses and CIDR blocks whose X-Forwarded-* counts, walked from the right (rule 21). */
  readonly trustedProxies: readonly string[];
  /** Null: as each surface has it, a mebibyte where it says nothing. */
  readonly bodyLimitBytes: number | null;
  readonly requestTimeoutSeconds: number;
  /** How long a stop serves on while `/readyz` answers 503, if anybody watches it. */
  readonly drainSeconds: number;
  /** How long a stop waits for requests, and then for jobs, in progress. */
  readonly shutdownSeconds: number;
  /** Front limits per path, which are off in development too, and sign-ups per network. Off for tests and benchmarks. */
  readonly limits: boolean;
  readonly metricsToken: string | null;
}

export type DatabaseConfig =
  | { readonly engine: 'sqlite'; readonly file: string }
  | {
      readonly engine: 'postgres';
      readonly url: string;
      /** Past a pooler, for what one passes on to nobody: messages between nodes. Null: the same as `url`. */
      readonly directUrl: string | null;
      /** What stands between, as the operator says it. Null: the store finds out. */
      readonly pooler: 'transaction' | 'session' | 'none' | null;
      readonly schema: string;
      readonly poolSize: number;
      /** How long a connection may take to be there, and a statement to be answered. */
      readonly connectMs: number;
      readonly statementMs: number;
    };

export interface MailConfig {
  /** Null: mail is kept and shown at /dev/mail. */
  readonly smtpUrl: string | null;
  readonly from: string;
}

/** Where a dialect answers: below a path of the public URL, or on a host of its own. */
export type Mount =
  | { readonly kind: 'off' }
  | { readonly kind: 'path'; readonly prefix: string; readonly project: string }
  | { readonly kind: 'host'; readonly origin: string; readonly project: string };

export interface ProjectConfig {
  readonly key: string;
  /** `internal` or a UUID; null: chosen when the project is first made. */
  readonly id: string | null;
  readonly displayName: string;
  /** Origin of the application that people use. Null: nobody has said. */
  readonly appUrl: string | null;
  /** Overrides of the default policy, already checked. */
  readonly policy: PolicyOverrides;
  readonly keys: ProjectKeyDigests;
  readonly providers: readonly ProviderConfig[];
  readonly betterAuth: BetterAuthConfig;
  readonly hexclave: HexclaveConfig;
  readonly axumkit: AxumKitConfig;
}

/** SHA-256 of the keys that the operator gives a project, in hexadecimal. Null: none of the kind. */
export interface ProjectKeyDigests {
  readonly publishable: string | null;
  readonly server: string | null;
  readonly admin: string | null;
}

export const noProjectKeys: ProjectKeyDigests = { publishable: null, server: null, admin: null };

/** Dotted policy keys (`password.minLength`) to values; the list of keys and their forms is in `config/policy-keys.ts`. */
export type PolicyOverrides = Readonly<Record<string, unknown>>;

export interface BetterAuthConfig {
  /** Spelling of `error.code`: `derived` for applications of the 1.2 era. */
  readonly errorCodes: 'keyed' | 'derived';
  readonly cookiePrefix: string;
  /** Only by configuration; null is host-only (core map T12). */
  readonly cookieDomain: string | null;
  readonly listSessionsFresh: boolean;
  /** Keys made here may stand in for a session (core map K4). */
  readonly apiKeysActAsOwner: boolean;
  /** What `/api-key/list` answers when its query does not tell the era of the client (better-auth spec §1.14). */
  readonly apiKeyListShape: 'object' | 'array';
  readonly apiKeyMetadata: boolean;
  /** What services show to verify and issue API keys; null switches those operations off. */
  readonly serviceToken: string | null;
  /** The application's page for invitations, `{token}` where the code goes. Null: the page of this server. */
  readonly invitationUrl: string | null;
  readonly magicLink: boolean;
  readonly emailOtp: boolean;
  /** People without any identifier. */
  readonly anonymous: boolean;
  /** Several people signed in in one browser. */
  readonly multiSession: boolean;
  readonly oneTimeToken: boolean;
  /** A cookie tells the application how its user signed in last. */
  readonly lastLoginMethod: boolean;
  /** Tokens that services verify by themselves. */
  readonly jwt: boolean;
  readonly jwtAlgorithm: 'EdDSA' | 'ES256';
  /** Members that user objects show beside their own. */
  readonly additionalFields: Readonly<Record<string, AdditionalField>>;
}

export interface HexclaveConfig {
  /** Texts and headers: those of today, or those from before the product was renamed. */
  readonly generation: 'current' | 'legacy';
  /** Longest and default life of a command-line sign-in. */
  readonly cliLoginSeconds: number;
}

export interface AxumKitConfig {
  /** Where the application's own pages are; null: mailed links lead to pages of this server. */
  readonly frontendUrl: string | null;
  /** Paths of those pages; the mailed link is the path and `?token=`. */
  readonly verifyEmailPath: string;
  readonly resetPasswordPath: string;
  readonly confirmEmailChangePath: string;
  /** The application's page that a provider sends people back to, registered there. */
  readonly googleRedirectUri: string | null;
  readonly githubRedirectUri: string | null;
  /** What authenticator apps call the application; null is the project's name. */
  readonly totpIssuer: string | null;
  /** Only by configuration; null is host-only (core map T12). */
  readonly cookieDomain: string | null;
  /** Writes with cookies must come from a trusted origin. */
  readonly originCheck: boolean;
}

export interface ProviderConfig {
  /** `google`, `github`, …, or any name for `type: oidc`. */
  readonly key: string;
  readonly type: string;
  readonly displayName: string | null;
  /** Several audiences may be accepted for ID tokens; the first is used in redirects. */
  readonly clientIds: readonly string[];
  readonly clientSecret: string | null;
  /** OIDC issuer; required for `type: oidc`, a default otherwise. */
  readonly issuer: string | null;
  readonly scopes: readonly string[];
  readonly trusted: boolean;
  readonly signUp: boolean;
  readonly implicitSignUp: boolean;
  readonly allowSignIn: boolean;
  readonly allowConnect: boolean;
  readonly requireVerifiedEmail: boolean;
  readonly refreshProfile: boolean;
  /** Signing out here ends nothing at the provider. */
  readonly disableProviderLogout?: boolean;
  /** Where the provider sends people who signed out, when the application names no place. */
  readonly postLogoutRedirectUri?: string | null;
  /** The operator's own client, lent to a project: it asks for nothing more and its tokens stay here. */
  readonly shared?: boolean;
  /** Audiences of ID tokens that applications on a device get by themselves (Apple's bundle ids). */
  readonly nativeAudiences?: readonly string[];
  /** There is no client secret: applications on a device show ID tokens, and no browser is sent to the provider. */
  readonly nativeOnly?: boolean;
  /** Provider-specific settings: Apple's team and key, Microsoft's tenant, Google's hosted domain, endpoints to override. */
  readonly settings: Readonly<Record<string, string>>;
}
