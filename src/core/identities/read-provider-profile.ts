import { Refusal, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { findOwnIdentity, type IdentitySelector } from './find-own-identity.ts';
import type { Identity } from './identity.ts';
import type { ProviderProfile } from './provider.ts';
import { findProvider } from './provider-visit.ts';
import { usableToken } from './read-provider-token.ts';

/**
 * Asks the provider again who this is.
 * @throws Refusal identity_not_found, provider_not_found, provider_token_unavailable, provider_profile_unusable,
 * provider_unavailable
 */
export async function readProviderProfile(
  ctx: Context,
  actor: UserActor,
  selector: IdentitySelector,
): Promise<{ readonly identity: Identity; readonly profile: ProviderProfile }> {
  const found = settle(await findOwnIdentity(ctx.store.read, actor, selector));
  const provider = findProvider(ctx, found.provider, 'tokens');
  const { identity, tokens, accessToken } = await usableToken(ctx, found);
  const profile = await provider.readProfile({ accessToken, idToken: tokens.idToken });
  if (profile.subject !== identity.subject) {
    throw new Refusal('provider_profile_unusable', { why: 'the token speaks of another subject' });
  }
  return { identity, profile };
}
