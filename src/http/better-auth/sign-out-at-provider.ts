import type { UserActor } from '../../core/actor.ts';
import { providerEndSession } from '../../core/identities/provider-end-session.ts';
import type { TrustedUrl } from '../../core/return-urls.ts';
import type { BetterAuthCall } from './call.ts';
import { landingIfGiven } from './landing.ts';

/** Where the browser goes to be signed out at the provider as well; null when no linked provider has such a place. */
export function signOutAtProvider(call: BetterAuthCall, actor: UserActor): Promise<string | null> {
  const { callbackURL, state } = (call.request.body ?? {}) as { callbackURL?: TrustedUrl; state?: string };
  return providerEndSession(call.ctx, actor, { returnTo: landingIfGiven(call, callbackURL), state: state ?? null });
}
