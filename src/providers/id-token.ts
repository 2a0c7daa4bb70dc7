import { createHash } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { Clock } from '../base/clock.ts';
import type { ProviderConfig } from '../base/configuration.ts';
import type { JsonObject } from '../base/json.ts';
import { Refusal } from '../base/refusal.ts';
import type { Documents } from './documents.ts';
import { readExactJson } from './exact-json.ts';
import type { IdTokenRules, Server } from './provider-kind.ts';

/** Signatures only, never `none` and never a shared secret (rule 10). */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const toleranceSeconds = 30;

export interface IdTokenCheck {
  readonly idToken: string;
  /** Null: none was asked for. */
  readonly nonce: string | null;
  /** Compared with `at_hash` when the token has one (OIDC Core §3.1.3.6). */
  readonly accessToken: string | null;
  /** For an application on a device: its audiences count instead of the client ids (rule 3). */
  readonly native?: boolean;
}

interface Deps {
  readonly clock: Clock;
  readonly documents: Documents;
  readonly config: ProviderConfig;
}

/**
 * The claims of an ID token that this provider signed for one of our client ids, now.
 * @throws Refusal provider_token_rejected with the reason in `why`; provider_unavailable when keys cannot be read
 */
export async function verifyIdToken(
  deps: Deps,
  server: Server,
  rules: IdTokenRules,
  check: IdTokenCheck,
): Promise<JsonObject> {
  if (!server.jwks_uri) throw new Refusal('provider_token_rejected', { why: 'the provider publishes no keys' });
  const audiences = check.native ? (deps.config.nativeAudiences ?? []) : deps.config.clientIds;
  const { payload, protectedHeader } = await jwtVerify(check.idToken, deps.documents.keys(server.jwks_uri), {
    algorithms,
    audience: [...audiences],
    requiredClaims: ['sub', 'iat', 'exp', 'iss', 'aud'],
    clockTolerance: toleranceSeconds,
    currentDate: new Date(deps.clock.now()),
  }).catch((fault: unknown) => {
    if (fault instanceof errors.JOSEError) throw rejected(fault.code);
    if (fault instanceof TypeError) throw rejected('unusable key'); // an algorithm its key is not made for
    throw fault;
  });
  const claims = claimsOf(check.idToken);
  // Access tokens and logout tokens carry a type of their own (RFC 9068 §4); an ID token has none or `JWT`.
  const { typ } = protectedHeader as { readonly typ?: unknown };
  const isIdToken = typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT');
  if (!isIdToken) throw rejected('another type');
  const issuer = rules.issuer ? rules.issuer(claims, server, deps.config) : server.issuer;
  if (issuer === null || claims.iss !== issuer) throw rejected('another issuer');
  if (payload.iat! * 1000 > deps.clock.now() + toleranceSeconds * 1000) throw rejected('issued in the future');
  // Several audiences: the authorized party must be us (OIDC Core §3.1.3.7).
  if (Array.isArray(payload.aud) && payload.aud.length > 1 && !audiences.some((audience) => audience === claims.azp)) {
    throw rejected('another authorized party');
  }
  if (check.nonce !== null && claims.nonce !== check.nonce) throw rejected('nonce');
  if (check.accessToken !== null && claims.at_hash !== undefined) {
    if (claims.at_hash !== hashOf(check.accessToken, protectedHeader.alg)) throw rejected('access token');
  }
  const why = rules.refuses?.(claims, deps.config) ?? null;
  if (why !== null) throw rejected(why);
  return claims;
}

/**
 * What a token says that was verified, now or before it was kept. Read again from its bytes, because the library rounds
 * large numbers.
 */
export const claimsOf = (token: string): JsonObject =>
  readExactJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JsonObject;

const rejected = (why: string): Refusal => new Refusal('provider_token_rejected', { why });

/** Left half of the hash that the signature uses. */
function hashOf(accessToken: string, alg: string): string {
  const digest = createHash(`sha${/\d{3}$/.exec(alg)?.[0] ?? '512'}`)
    .update(accessToken)
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
