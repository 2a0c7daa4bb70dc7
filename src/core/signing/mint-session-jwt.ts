import type { JsonObject } from '../../base/json.ts';
import type { Context } from '../context.ts';
import type { LiveSession } from '../sessions/session.ts';
import { activeSigningKey, privatePlace } from './rotate-signing-keys.ts';
import type { SigningAlgorithm } from './signing-key.ts';

/** Whoever verifies it by itself learns of a sign-out only when it is over: it is short. */
const lifeSeconds = 900;

/**
 * A token that services verify without asking us. Registered claims are ours: a claim of the surface cannot take the
 * place of one.
 * @param live checked against the store for this request (core map T11)
 */
export async function mintSessionJwt(
  ctx: Context,
  live: LiveSession,
  input: { readonly alg: SigningAlgorithm; readonly claims: JsonObject },
): Promise<string> {
  const key = await activeSigningKey(ctx, 'b_session', input.alg);
  const issuedAt = Math.floor(ctx.clock.now() / 1000);
  const privateJwk = ctx.vault.open(privatePlace(key.id), key.privateKey);
  const { kid, alg } = key;
  return ctx.signer.sign(
    { kid, alg, privateJwk },
    {
      ...input.claims,
      sub: live.user.id,
      iss: ctx.surfaceUrl,
      aud: ctx.surfaceUrl,
      iat: issuedAt,
      exp: issuedAt + lifeSeconds,
    },
  );
}
