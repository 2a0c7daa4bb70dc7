import { calculatePKCECodeChallenge } from 'oauth4webapi';
import type { Clock } from '../base/clock.ts';
import type { ProviderConfig } from '../base/configuration.ts';
import type { JsonObject } from '../base/json.ts';
import { Refusal } from '../base/refusal.ts';
import type { IdentityProvider, ProviderFacts } from '../core/identities/provider.ts';
import type { Documents } from './documents.ts';
import { asRefusal } from './faults.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { claimsOf, type IdTokenCheck, verifyIdToken } from './id-token.ts';
import { readList, readObject } from './profile-endpoint.ts';
import type { ProfileSource, ProviderKind, Server } from './provider-kind.ts';
import { exchangeCode, exchangeRefreshToken } from './token-endpoint.ts';

interface Deps {
  readonly clock: Clock;
  readonly fetch: GuardedFetch;
  readonly documents: Documents;
  readonly kind: ProviderKind;
  readonly config: ProviderConfig;
}

/** One configured provider of any kind. */
export function openProvider(deps: Deps): IdentityProvider {
  const { kind, config } = deps;
  const facts = factsOf(kind, config);

  async function verifiedClaims(server: Server, check: IdTokenCheck): Promise<JsonObject> {
    if (!kind.idToken) throw new Refusal('provider_token_rejected', { why: 'this provider makes no ID tokens' });
    return asRefusal('provider_token_rejected', 'ID token', () => verifyIdToken(deps, server, kind.idToken!, check));
  }

  const source = (server: Server, from: SourceParts): ProfileSource => ({
    config,
    claims: from.claims,
    userHint: from.userHint,
    get: (url) => readObject(deps.fetch, url, from.accessToken),
    getList: (url) => readList(deps.fetch, url, from.accessToken),
    userinfo: async () =>
      server.userinfo_endpoint && from.accessToken !== null
        ? readObject(
            deps.fetch,
            server.userinfo_endpoint,
            from.accessToken,
            kind.userinfoRequest?.(config, from.accessToken),
          )
        : null,
  });

  return {
    facts,

    async authorizationUrl(request) {
      const server = await serverOf(deps);
      const url = new URL(server.authorization_endpoint!);
      const set = (name: string, value: string) => url.searchParams.set(name, value);
      set('response_type', 'code');
      set(kind.clientIdName ?? 'client_id', config.clientIds[0]!);
      set('state', request.state);
      const scopes = [...new Set([...scopesOf(kind, config), ...request.extraScopes])];
      if (scopes.length > 0) set('scope', scopes.join(kind.scopeSeparator ?? ' '));
      set('redirect_uri', request.redirectUri);
      if (kind.pkce) {
        set('code_challenge_method', 'S256');
        set('code_challenge', await calculatePKCECodeChallenge(request.codeVerifier));
      }
      for (const [name, value] of Object.entries(kind.parameters?.(config) ?? {})) set(name, value);
      if (config.settings.prompt !== undefined) set('prompt', config.settings.prompt);
      if (request.nonce !== null) set('nonce', request.nonce);
      if (request.loginHint !== null) set('login_hint', request.loginHint);
      for (const [name, value] of Object.entries(request.extraParameters)) set(name, value);
      // Space as %20: every provider reads it, some do not read `+`.
      url.search = url.searchParams.toString().replaceAll('+', '%20');
      return url.href;
    },

    async redeem(response) {
      const server = await serverOf(deps);
      const tokens = await exchangeCode(deps, server, response);
      if (kind.idToken && tokens.idToken === null) {
        throw new Refusal('provider_profile_unusable', { field: 'id_token', why: 'no ID token' });
      }
      const claims =
        kind.idToken && tokens.idToken !== null
          ? await asProfileFault(verifiedClaims(server, { ...tokens, idToken: tokens.idToken, nonce: response.nonce }))
          : null;
      const { accessToken } = tokens;
      return {
        profile: await kind.profile(source(server, { claims, accessToken, userHint: response.userHint })),
        tokens,
      };
    },

    async verifyIdToken(check) {
      const server = await serverOf(deps);
      const claims = await verifiedClaims(server, check);
      return kind.profile(source(server, { claims, accessToken: check.accessToken, userHint: null }));
    },

    async refresh(refreshToken) {
      const server = await serverOf(deps);
      if (server.grant_types_supported && !server.grant_types_supported.includes('refresh_token')) {
        throw new Refusal('provider_refresh_unsupported');
      }
      const tokens = await exchangeRefreshToken(deps, server, refreshToken);
      if (kind.idToken && tokens.idToken !== null) {
        // A refreshed ID token repeats the first nonce or has none (OIDC Core §12.2), so none is compared.
        await verifiedClaims(server, { ...tokens, idToken: tokens.idToken, nonce: null });
      }
      return tokens;
    },

    async readProfile({ accessToken, idToken }) {
      const server = await serverOf(deps);
      // The token was verified before it was kept; by now it may be past its time and still tell who this is.
      const claims = kind.idToken && idToken !== null ? claimsOf(idToken) : null;
      return kind.profile(source(server, { claims, accessToken, userHint: null }));
    },

    async endSessionUrl({ idToken, returnTo: asked, state }) {
      if (config.disableProviderLogout) return null;
      const returnTo = asked ?? config.postLogoutRedirectUri ?? null;
      const endpoint = (await serverOf(deps)).end_session_endpoint;
      if (!endpoint) return null;
      const url = new URL(endpoint);
      if (idToken !== null) url.searchParams.set('id_token_hint', idToken);
      url.searchParams.set('client_id', config.clientIds[0]!);
      if (returnTo !== null) url.searchParams.set('post_logout_redirect_uri', returnTo);
      if (state !== null) url.searchParams.set('state', state);
      return url.href;
    },
  };
}

interface SourceParts {
  readonly claims: JsonObject | null;
  readonly accessToken: string | null;
  readonly userHint: JsonObject | null;
}

const factsOf = (kind: ProviderKind, config: ProviderConfig): ProviderFacts => ({
  key: config.key,
  type: config.type,
  displayName: config.displayName ?? kind.displayName,
  scopes: scopesOf(kind, config),
  shared: config.shared === true,
  trusted: config.trusted,
  signUp: config.signUp,
  implicitSignUp: config.implicitSignUp,
  allowSignIn: config.allowSignIn,
  allowConnect: config.allowConnect,
  requireVerifiedEmail: config.requireVerifiedEmail,
  refreshProfile: config.refreshProfile,
  tellsAddress: kind.tellsAddress ?? true,
  acceptsIdTokens: kind.idToken !== null,
  nativeOnly: config.nativeOnly ?? false,
  acceptsNativeTokens: kind.idToken !== null && (config.nativeAudiences ?? []).length > 0,
  usesNonce: kind.nonce,
});

/** Configured scopes replace the kind's own. */
const scopesOf = (kind: ProviderKind, config: ProviderConfig): readonly string[] =>
  config.scopes.length > 0 ? config.scopes : kind.scopes;

/** Endpoints by kind or by discovery; single ones may be overridden in configuration. */
async function serverOf({ kind, config, documents }: Deps): Promise<Server> {
  const { settings } = config;
  const discovered = !kind.server || (config.issuer !== null && settings.tokenEndpoint === undefined);
  const known = discovered ? await documents.discover(config.issuer!) : kind.server!(config);
  const server: Server = {
    ...known,
    ...(config.issuer !== null && !discovered && { issuer: config.issuer }),
    ...(settings.authorizationEndpoint && { authorization_endpoint: settings.authorizationEndpoint }),
    ...(settings.tokenEndpoint && { token_endpoint: settings.tokenEndpoint }),
    ...(settings.userinfoEndpoint && { userinfo_endpoint: settings.userinfoEndpoint }),
    ...(settings.jwksUri && { jwks_uri: settings.jwksUri }),
    ...(settings.endSessionEndpoint && { end_session_endpoint: settings.endSessionEndpoint }),
  };
  if (!isWebAddress(server.authorization_endpoint) || !isWebAddress(server.token_endpoint)) {
    throw new Refusal('provider_unavailable', { why: 'the provider names no usable endpoints' });
  }
  return server;
}

/** A discovered address ends in the browser's address bar: it must not be a script. */
const isWebAddress = (text: string | undefined): boolean =>
  text !== undefined && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** In a redirect flow a bad ID token means that the provider's word cannot be used. */
async function asProfileFault<T>(work: Promise<T>): Promise<T> {
  return work.catch((fault) => {
    if (!(fault instanceof Refusal) || fault.code !== 'provider_token_rejected') throw fault;
    throw new Refusal('provider_profile_unusable', { field: 'id_token', why: `ID token: ${fault.detail.why}` });
  });
}
