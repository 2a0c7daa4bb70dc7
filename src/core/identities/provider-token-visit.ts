import type { Instant } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { limitRules } from '../limit-rules.ts';
import { findProvider, type ProviderVisit } from './provider-visit.ts';

/** What an application got from the provider by itself. */
export interface ProviderTokenInput {
  readonly provider: string;
  readonly idToken: string;
  readonly nonce: string | null;
  /** It was made for an application on a device. */
  readonly native?: boolean;
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  readonly accessExpiresAt: Instant | null;
  readonly scopes: readonly string[];
  /** Said by the application, for providers that tell it only once (Apple). */
  readonly displayName: string | null;
}

/** @throws Refusal provider_not_found, provider_token_rejected (`field`: `provider` when it takes no ID tokens, `native` when none of applications), provider_unavailable */
export async function visitByToken(
  ctx: Context,
  use: 'sign_in' | 'link',
  input: ProviderTokenInput,
): Promise<ProviderVisit> {
  const provider = findProvider(ctx, input.provider, use);
  if (!provider.facts.acceptsIdTokens) throw new Refusal('provider_token_rejected', { field: 'provider' });
  const native = input.native === true;
  if (native && !provider.facts.acceptsNativeTokens) throw new Refusal('provider_token_rejected', { field: 'native' });
  const { idToken, nonce, accessToken, refreshToken, accessExpiresAt, scopes } = input;
  const profile = await provider.verifyIdToken({ idToken, nonce, accessToken, native });
  if (ctx.project.policy.providers.idTokensOnce) await takeOnce(ctx, idToken);
  return {
    facts: provider.facts,
    profile: { ...profile, name: profile.name ?? input.displayName },
    tokens: { idToken, accessToken, refreshToken, accessExpiresAt, refreshExpiresAt: null, scopes },
  };
}

/** Whoever sees a token on its way, or in a log, does not come in with it as well. */
async function takeOnce(ctx: Context, idToken: string): Promise<void> {
  const digest = Buffer.from(ctx.vault.digest(idToken)).toString('base64url');
  const { retryAfterSeconds } = await ctx.limiter.hit(limitRules.idTokenUses, `${ctx.project.id} ${digest}`);
  if (retryAfterSeconds !== null) throw new Refusal('provider_token_rejected', { why: 'it was shown before' });
}
