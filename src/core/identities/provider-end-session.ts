import { Refusal } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { TrustedUrl } from '../return-urls.ts';
import { openTokens } from './identity-tokens.ts';

/**
 * Where to end the session at the provider last signed in with, for the first provider that has such a place.
 * Only for a session that a provider opened: signing out here ends nobody's other sign-ins elsewhere.
 */
export async function providerEndSession(
  ctx: Context,
  actor: UserActor,
  request: { readonly returnTo: TrustedUrl | null; readonly state: string | null },
): Promise<string | null> {
  if (actor.live.session.method !== 'provider') return null;
  const identities = await ctx.store.read.identities.listOf(actor.live.user.id);
  const latestFirst = [...identities].sort((a, b) => (b.lastSignInAt ?? 0) - (a.lastSignInAt ?? 0));
  for (const identity of latestFirst) {
    const provider = ctx.providers.find(identity.provider);
    const { idToken } = openTokens(ctx, identity);
    const url = await provider?.endSessionUrl({ idToken, ...request }).catch(unlessUnavailable);
    if (url) return url;
  }
  return null;
}

/** Whoever signs out here is signed out, whatever becomes of the provider. */
function unlessUnavailable(fault: unknown): null {
  if (fault instanceof Refusal) return null;
  throw fault;
}
