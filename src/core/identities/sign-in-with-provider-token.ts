import { settle } from '../../base/refusal.ts';
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
  return settle(
    await enterByProvider(ctx, actor, visit, {
      requestSignUp,
      verificationLink,
      returnTo: null,
      newUserReturnTo: null,
    }),
  );
}
