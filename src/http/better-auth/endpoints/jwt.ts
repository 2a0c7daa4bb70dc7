import { Type } from 'typebox';
import { publishedKeys } from '../../../core/signing/rotate-signing-keys.ts';
import type { SigningKey } from '../../../core/signing/signing-key.ts';
import { endpoint } from '../endpoint.ts';
import { sessionJwt } from '../session-jwt.ts';

const tag = 'Jwt';

const text = Type.Optional(Type.String());
const jwk = Type.Object({
  kid: Type.String(),
  kty: Type.String(),
  alg: Type.String(),
  use: text,
  crv: text,
  x: text,
  y: text,
});

export const getToken = endpoint('GET /token', {
  needs: 'user',
  fromStore: true,
  operationId: 'getJSONWebToken',
  summary: 'The session as a token that services verify by themselves',
  tag,
  replies: { 200: Type.Object({ token: Type.String() }) },
  async handle(call, me) {
    const { live } = me;
    return { status: 200, body: { token: await sessionJwt(call, live) }, headers: { 'cache-control': 'no-store' } };
  },
});

const jwkWire = ({ kid, alg, publicJwk }: SigningKey) => ({ ...publicJwk, kid, alg, use: 'sig' });

/** Short enough that a new key is known everywhere before it signs. */
const cacheSeconds = 600;

export const getJwks = endpoint('GET /jwks', {
  needs: 'nobody',
  operationId: 'getJSONWebKeySet',
  summary: 'The keys those tokens are verified with',
  tag,
  replies: { 200: Type.Object({ keys: Type.Array(jwk) }) },
  async handle(call) {
    const keys = await publishedKeys(call.ctx, 'b_session', call.settings.jwtAlgorithm);
    return {
      status: 200,
      body: { keys: keys.map(jwkWire) },
      headers: { 'cache-control': `public, max-age=${cacheSeconds}` },
    };
  },
});
