import type { Instant } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import type { TrustedUrl } from '../return-urls.ts';

/** What a provider said of a person, after its signature and nonce were checked. */
export interface ProviderProfile {
  /** Never empty. */
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** There may be an address: the provider could not be asked just now. */
  readonly emailUnread?: boolean;
  readonly name: string | null;
  readonly imageUrl: string | null;
  readonly raw: JsonObject;
}

export interface ProviderTokens {
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
  readonly accessExpiresAt: Instant | null;
  readonly refreshExpiresAt: Instant | null;
  /** Empty when the provider did not say. */
  readonly scopes: readonly string[];
}

/** Facts about a configured provider. */
export interface ProviderFacts {
  readonly key: string;
  /** `google`, `github`, …, `oidc`. */
  readonly type: string;
  readonly displayName: string;
  /** What every sign-in asks for. */
  readonly scopes: readonly string[];
  /** The operator lends this client to the project. */
  readonly shared: boolean;
  /** Its word on verified e-mails is believed when linking (rule 2). */
  readonly trusted: boolean;
  readonly signUp: boolean;
  /** False: people are only created when the flow asked for a sign-up. */
  readonly implicitSignUp: boolean;
  readonly allowSignIn: boolean;
  readonly allowConnect: boolean;
  readonly requireVerifiedEmail: boolean;
  /** Copy name and picture again at every sign-in. */
  readonly refreshProfile: boolean;
  /** False: it knows no address of anybody, so people are made without one on every surface. */
  readonly tellsAddress: boolean;
  readonly acceptsIdTokens: boolean;
  /** Applications on a device are configured, whose ID tokens have audiences of their own. */
  readonly acceptsNativeTokens: boolean;
  /** No browser is sent there: what the redirect ends with needs a secret that is not configured. */
  readonly nativeOnly: boolean;
  readonly usesNonce: boolean;
}

/**
 * One provider, spoken to over the guarded fetch.
 * Each call throws a `Refusal` of the `provider_*` family for what the provider got wrong or refused.
 */
export interface IdentityProvider {
  readonly facts: ProviderFacts;
  /** @param redirectUri where the provider sends the browser back to */
  authorizationUrl(request: {
    readonly redirectUri: string;
    readonly state: string;
    readonly codeVerifier: string;
    readonly nonce: string | null;
    readonly extraScopes: readonly string[];
    readonly loginHint: string | null;
    readonly extraParameters: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** Exchanges the code and reads the profile. @throws Refusal provider_code_rejected, provider_unavailable, provider_profile_unusable, flow_not_found (`issuer`) */
  redeem(response: {
    readonly code: string;
    readonly redirectUri: string;
    readonly codeVerifier: string;
    readonly nonce: string | null;
    /** `iss` of the response, when it had one (RFC 9207). */
    readonly issuer: string | null;
    /** Apple sends the name once, in the form it posts. */
    readonly userHint: JsonObject | null;
    /** `device_id` of the response, which VK wants back. */
    readonly deviceId?: string | null;
  }): Promise<{ readonly profile: ProviderProfile; readonly tokens: ProviderTokens }>;
  /** @throws Refusal provider_token_rejected */
  verifyIdToken(request: {
    readonly idToken: string;
    readonly nonce: string | null;
    readonly accessToken: string | null;
    /** It is for an application on a device, not for the client of redirects. */
    readonly native?: boolean;
  }): Promise<ProviderProfile>;
  /** @throws Refusal provider_refresh_unsupported, provider_rejected_refresh, provider_unavailable */
  refresh(refreshToken: string): Promise<ProviderTokens>;
  /** @throws Refusal provider_profile_unusable, provider_unavailable */
  readProfile(tokens: { readonly accessToken: string; readonly idToken: string | null }): Promise<ProviderProfile>;
  /**
   * Where the browser goes to end its session there; null when the provider has no such place, or it is not to be used.
   * @throws Refusal provider_unavailable
   */
  endSessionUrl(request: {
    readonly idToken: string | null;
    readonly returnTo: TrustedUrl | null;
    readonly state: string | null;
  }): Promise<string | null>;
}

export interface IdentityProviders {
  find(key: string): IdentityProvider | null;
  list(): readonly IdentityProvider[];
}
