import { later, seconds } from '../../base/clock.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { findOwnIdentity, type IdentitySelector } from './find-own-identity.ts';
import type { Identity } from './identity.ts';
import { openTokens, refuseImpersonated } from './identity-tokens.ts';
import { findProvider } from './provider-visit.ts';
import { type IdentityTokens, refreshKept } from './refresh-provider-token.ts';

/** A token with less life than this is refreshed before it is handed out. */
const tooShortMs = seconds(5);

/**
 * An access token of one of the actor's identities, fresh enough to be used.
 * @throws Refusal impersonated_session, identity_not_found, provider_not_found, provider_token_unavailable
 */
export async function readProviderToken(
  ctx: Context,
  actor: UserActor,
  selector: IdentitySelector,
): Promise<IdentityTokens & { readonly accessToken: string }> {
  refuseImpersonated(actor);
  return usableToken(ctx, settle(await findOwnIdentity(ctx.store.read, actor, selector)));
}

/** The step behind it, for who has found the identity already. */
export async function usableToken(
  ctx: Context,
  identity: Identity,
): Promise<IdentityTokens & { readonly accessToken: string }> {
  findProvider(ctx, identity.provider, 'tokens');
  const ending = identity.accessExpiresAt !== null && identity.accessExpiresAt <= later(ctx.clock.now(), tooShortMs);
  const kept =
    ending && identity.refreshToken !== null
      ? await refreshKept(ctx, identity).catch(asUnavailable)
      : { identity, tokens: openTokens(ctx, identity) };
  const { accessToken } = kept.tokens;
  if (accessToken === null) throw new Refusal('provider_token_unavailable', { field: 'accessToken' });
  return { ...kept, accessToken };
}

function asUnavailable(fault: unknown): never {
  if (!(fault instanceof Refusal) || !fault.code.startsWith('provider_')) throw fault;
  throw new Refusal('provider_token_unavailable', { ...fault.detail, why: `${fault.code} ${fault.detail.why ?? ''}` });
}
