import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { findOwnIdentity, type IdentitySelector } from './find-own-identity.ts';
import type { Identity } from './identity.ts';
import { mergeScopes, type OpenTokens, openTokens, refuseImpersonated, sealTokens } from './identity-tokens.ts';
import { findProvider } from './provider-visit.ts';

export interface IdentityTokens {
  /** With the new expiries and scopes. */
  readonly identity: Identity;
  readonly tokens: OpenTokens;
}

/**
 * Gets new tokens for one of the actor's identities and keeps them. What the provider does not send again stays.
 * @throws Refusal impersonated_session, identity_not_found, provider_not_found, provider_refresh_unsupported (`field: refreshToken` when none
 * is kept), provider_rejected_refresh, provider_unavailable
 */
export async function refreshProviderToken(
  ctx: Context,
  actor: UserActor,
  selector: IdentitySelector,
): Promise<IdentityTokens> {
  refuseImpersonated(actor);
  return refreshKept(ctx, settle(await findOwnIdentity(ctx.store.read, actor, selector)));
}

/** The step behind it, for who has found the identity already. */
export async function refreshKept(ctx: Context, identity: Identity): Promise<IdentityTokens> {
  const provider = findProvider(ctx, identity.provider, 'tokens');
  const { refreshToken } = openTokens(ctx, identity);
  if (refreshToken === null) throw new Refusal('provider_refresh_unsupported', { field: 'refreshToken' });
  const outcome = await provider.refresh(refreshToken).catch(async (fault) => {
    if (!(fault instanceof Refusal) || fault.code !== 'provider_rejected_refresh') throw fault;
    return (await rotatedMeanwhile(ctx, identity, refreshToken)) ?? fault;
  });
  if (outcome instanceof Refusal) throw outcome;
  if ('identity' in outcome) return outcome;
  return settle(
    await asBearer(ctx, { credential: 'provider' }, async (tx) => {
      const current = await tx.identities.find(identity.id);
      if (!current) return refuse('identity_not_found', { why: 'unlinked meanwhile' });
      const now = ctx.clock.now();
      const change = {
        ...sealTokens(ctx, current.id, outcome),
        scopes: mergeScopes(current.scopes, outcome.scopes),
      };
      await tx.identities.update(current.id, change, now);
      const updated = { ...current, ...change, updatedAt: now };
      return { identity: updated, tokens: openTokens(ctx, updated) };
    }),
  );
}

/** Two refreshed at once and the provider rotates: who came second takes what the first one got. */
async function rotatedMeanwhile(ctx: Context, identity: Identity, spent: string): Promise<IdentityTokens | null> {
  const current = await ctx.store.read.identities.find(identity.id);
  if (!current) return null;
  const tokens = openTokens(ctx, current);
  return tokens.refreshToken === spent ? null : { identity: current, tokens };
}
