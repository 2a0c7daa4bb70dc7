import type { AuthorizationServer } from 'oauth4webapi';
import type { Instant } from '../base/clock.ts';
import type { ProviderConfig } from '../base/configuration.ts';
import type { JsonObject } from '../base/json.ts';
import type { ProviderProfile } from '../core/identities/provider.ts';

/** Where a provider answers, by the names of RFC 8414. */
export type Server = AuthorizationServer;

/** What a kind may read a profile from. */
export interface ProfileSource {
  readonly config: ProviderConfig;
  /** Claims of the ID token, once it was verified; null when there was none. */
  readonly claims: JsonObject | null;
  /** The userinfo endpoint's answer; null when the provider has no such endpoint or there is no access token. */
  userinfo(): Promise<JsonObject | null>;
  /** Reads an endpoint of the provider with the access token. @throws Refusal provider_profile_unusable, provider_unavailable */
  get(url: string): Promise<JsonObject>;
  getList(url: string): Promise<readonly JsonObject[]>;
  /** What the browser brought along (Apple). Never more than a name: nobody signed it. */
  readonly userHint: JsonObject | null;
}

export interface ProfileRequest {
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** An answer that has an `error` and is none. */
  readonly saysOk?: (answer: JsonObject) => boolean;
}

export interface IdTokenRules {
  /** Which issuer counts for these claims, where there are several; absent: the server's, exactly. */
  readonly issuer?: (claims: JsonObject, server: Server, config: ProviderConfig) => string | null;
  /** Why the claims are refused, or null. */
  readonly refuses?: (claims: JsonObject, config: ProviderConfig) => string | null;
}

/** One row per provider: what is special about it and nothing else. */
export interface ProviderKind {
  readonly displayName: string;
  readonly scopes: readonly string[];
  /** Endpoints known beforehand. Null: discovered from the configured issuer. */
  readonly server: ((config: ProviderConfig) => Server) | null;
  readonly pkce: boolean;
  /** Null for plain OAuth 2.0. */
  readonly idToken: IdTokenRules | null;
  readonly nonce: boolean;
  /** RFC 9207: `iss` of the response is compared with the server's issuer. False where it is not documented. */
  readonly checksIssuer: boolean;
  readonly clientAuth: 'basic' | 'post' | 'announced';
  /** For secrets that are made, not configured (Apple). */
  readonly clientSecret?: (config: ProviderConfig, now: Instant) => Promise<string>;
  readonly parameters?: (config: ProviderConfig) => Readonly<Record<string, string>>;
  /** Where it is not called `client_id`. */
  readonly clientIdName?: string;
  /** Between scopes; a space unless said otherwise. */
  readonly scopeSeparator?: string;
  /** The exchange of a code repeats the `device_id` that came with it. */
  readonly sendsDeviceId?: boolean;
  /** How the userinfo endpoint is asked, where a GET is not enough. */
  readonly userinfoRequest?: (config: ProviderConfig, accessToken: string) => ProfileRequest;
  /** False: it knows none of anybody, so people are made without. */
  readonly tellsAddress?: boolean;
  readonly profile: (source: ProfileSource) => Promise<ProviderProfile>;
}
