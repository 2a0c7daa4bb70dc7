import { refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { retryingConflict } from './enter-by-provider.ts';
import type { Identity } from './identity.ts';
import { linkIdentity } from './link-identity.ts';
import { type ProviderTokenInput, visitByToken } from './provider-token-visit.ts';

/**
 * Links the identity of an ID token to the actor.
 * @throws Refusal provider_not_found, provider_token_rejected, provider_unavailable, provider_profile_unusable,
 * provider_email_missing, identity_taken, identity_not_linkable, identity_address_differs, not_signed_in
 */
export async function linkProviderToken(ctx: Context, actor: UserActor, input: ProviderTokenInput): Promise<Identity> {
  const visit = await visitByToken(ctx, 'link', input);
  const { user, session } = actor.live;
  return settle(
    await retryingConflict(() =>
      act(ctx, actor, { change: 'identity_linked' }, async (tx) =>
        (await tx.sessions.find(session.id))
          ? linkIdentity(ctx, tx, actor, user.id, visit)
          : refuse('not_signed_in', { why: 'the session ended meanwhile' }),
      ),
    ),
  );
}
