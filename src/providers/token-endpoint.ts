import {
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  None,
  nopkce,
  processGenericTokenEndpointResponse,
  refreshTokenGrantRequest,
  skipStateCheck,
  type TokenEndpointResponse,
  validateAuthResponse,
} from 'oauth4webapi';
import { type Clock, later } from '../base/clock.ts';
import type { ProviderConfig } from '../base/configuration.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { Refusal, type RefusalCode } from '../base/refusal.ts';
import type { ProviderTokens } from '../core/identities/provider.ts';
import { asRefusal, unavailable } from './faults.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { libraryFetch } from './library-fetch.ts';
import { isObject, text } from './profile-fields.ts';
import type { ProviderKind, Server } from './provider-kind.ts';

interface Deps {
  readonly clock: Clock;
  readonly fetch: GuardedFetch;
  readonly kind: ProviderKind;
  readonly config: ProviderConfig;
}

export interface CodeExchange {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly issuer: string | null;
  readonly deviceId?: string | null;
}

/** @throws Refusal provider_code_rejected, provider_unavailable, flow_not_found (`issuer`) */
export async function exchangeCode(deps: Deps, server: Server, exchange: CodeExchange): Promise<ProviderTokens> {
  const client = clientOf(deps.config);
  const callback = checkedCallback(deps.kind, server, client, exchange);
  return asRefusal('provider_code_rejected', 'token', async () => {
    const response = await authorizationCodeGrantRequest(
      server,
      client,
      await clientAuth(deps, server),
      callback,
      exchange.redirectUri,
      deps.kind.pkce ? exchange.codeVerifier : nopkce,
      {
        ...libraryFetch(deps.fetch),
        ...(deps.kind.sendsDeviceId && exchange.deviceId && { additionalParameters: { device_id: exchange.deviceId } }),
      },
    );
    return readTokens(deps, server, client, response, 'provider_code_rejected');
  });
}

/** @throws Refusal provider_rejected_refresh, provider_unavailable */
export const exchangeRefreshToken = (deps: Deps, server: Server, refreshToken: string): Promise<ProviderTokens> =>
  asRefusal('provider_rejected_refresh', 'refresh', async () => {
    const client = clientOf(deps.config);
    const auth = await clientAuth(deps, server);
    const response = await refreshTokenGrantRequest(server, client, auth, refreshToken, libraryFetch(deps.fetch));
    return readTokens(deps, server, client, response, 'provider_rejected_refresh');
  });

const clientOf = (config: ProviderConfig): Client => ({ client_id: config.clientIds[0]! });

/** Mix-up defence: the response must come from the server that was asked (RFC 9207 §2.4). */
function checkedCallback(kind: ProviderKind, server: Server, client: Client, exchange: CodeExchange): URLSearchParams {
  const parameters = new URLSearchParams({ code: exchange.code });
  const checked = kind.checksIssuer || server.authorization_response_iss_parameter_supported === true;
  if (checked && exchange.issuer !== null) parameters.set('iss', exchange.issuer);
  try {
    return validateAuthResponse(server, client, parameters, skipStateCheck);
  } catch {
    throw new Refusal('flow_not_found', { field: 'issuer', why: 'iss is missing or another server' });
  }
}

async function clientAuth({ kind, config, clock }: Deps, server: Server): Promise<ClientAuth> {
  const secret = kind.clientSecret ? await kind.clientSecret(config, clock.now()) : config.clientSecret;
  if (secret === null) return None();
  if (kind.clientIdName !== undefined) {
    const name = kind.clientIdName;
    return (_server, { client_id }, body) => {
      body.set(name, client_id);
      body.set('client_secret', secret);
    };
  }
  const announced = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']; // RFC 8414 §2
  const basic =
    kind.clientAuth === 'announced' ? announced.includes('client_secret_basic') : kind.clientAuth === 'basic';
  return basic ? ClientSecretBasic(secret) : ClientSecretPost(secret);
}

async function readTokens(
  deps: Deps,
  server: Server,
  client: Client,
  response: Response,
  refused: RefusalCode,
): Promise<ProviderTokens> {
  if (response.status >= 500 || response.status === 429) throw unavailable(`token: status ${response.status}`);
  if (response.status !== 200 && response.status !== 201) {
    // Throws with the provider's error; what is not an OAuth error is refused as such.
    await processGenericTokenEndpointResponse(server, client, response);
  }
  const body = await response.json().catch(() => null);
  if (!isObject(body)) throw new Refusal(refused, { why: 'token: not a JSON object' });
  // Some providers say no with status 200 (rule 5).
  const error = body.error;
  if (error) throw new Refusal(refused, { providerError: text(error) ?? 'error', why: 'token: 200' });
  const tokens = await processGenericTokenEndpointResponse(server, client, Response.json(conforming(body)));
  return tokensOf(deps.clock, tokens, body);
}

/**
 * Smooths what providers do against RFC 6749 §5.1: scope as a list, no token type, members that are there and say
 * nothing, a life that is text or no number. Of the body the library sees what it reads and no more. The ID token is left
 * out: it is verified against the provider's keys and our clock, which the library's own look at its claims does not do.
 */
function conforming(body: JsonObject): JsonObject {
  const { scope } = body;
  const refreshToken = text(body.refresh_token);
  const life = secondsOf(body.expires_in);
  return {
    access_token: body.access_token ?? null,
    token_type: text(body.token_type) ?? 'bearer',
    ...(refreshToken !== null && { refresh_token: refreshToken }),
    ...(life !== null && { expires_in: life }),
    ...(Array.isArray(scope) && { scope: scope.map(String).join(' ') }),
    ...(typeof scope === 'string' && { scope }),
  };
}

/** A life that is none (null, empty, not above zero) says nothing of when a token ends. */
function secondsOf(said: JsonValue | undefined): number | null {
  const seconds = typeof said === 'number' ? said : Number(text(said) ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, longestLife) : null;
}

/** A hundred years, in seconds: what is longer is a mistake, and would be no date. */
const longestLife = 3_155_760_000;

/** What a scope is made of (RFC 6749 §3.3). Others name nothing, and databases may not hold them. */
const scopeToken = /^[\x21-\x7e]+$/;

function tokensOf(clock: Clock, tokens: TokenEndpointResponse, body: JsonObject): ProviderTokens {
  const now = clock.now();
  const refreshLife = secondsOf(body.refresh_token_expires_in) ?? secondsOf(body.refresh_expires_in);
  return {
    accessToken: tokens.access_token,
    refreshToken: text(tokens.refresh_token),
    idToken: text(body.id_token),
    accessExpiresAt: tokens.expires_in === undefined ? null : later(now, tokens.expires_in * 1000),
    refreshExpiresAt: refreshLife === null ? null : later(now, refreshLife * 1000),
    scopes: (tokens.scope ?? text(body.scopes) ?? '').split(/[\s,]+/).filter((scope) => scopeToken.test(scope)),
  };
}
