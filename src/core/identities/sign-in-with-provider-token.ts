import { Refusal, settle } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import { enterByProvider, type ProviderEntry } from './enter-by-provider.ts';
import { type ProviderTokenInput, visitByToken } from './provider-token-visit.ts';

/**
 * Signs in with an ID token that the application got from the provider itself.
 * @throws Refusal provider_not_found, provider_token_rejected, provider_unavailable, provider_profile_unusable, and what
 * resolving the identity, sign-up and the gate refuse
 */
export async function signInWithProviderToken(
  ctx: Context,
  actor: Actor,
  input: ProviderTokenInput & { readonly requestSignUp: boolean; readonly verificationLink: LinkTemplate | null },
): Promise<ProviderEntry> {
  const visit = await visitByToken(ctx, 'sign_in', input);
  const { requestSignUp, verificationLink } = input;
  const options = { requestSignUp, verificationLink, returnTo: null, newUserReturnTo: null };
  const entry = settle(await enterByProvider(ctx, actor, visit, options));
  // A token of the provider's has no browser that could come back with a username, and no client waits for it.
  if ('kind' in entry) throw new Refusal('sign_up_disabled', { why: 'new people choose a username first' });
  return entry;
}
