import { Refusal, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Admission } from '../sessions/admit-user.ts';
import { enterAnew } from '../users/enter-anew.ts';
import { retryingConflict } from './enter-by-provider.ts';
import type { Identity } from './identity.ts';
import { linkIdentity } from './link-identity.ts';
import { type ProviderTokenInput, visitByToken } from './provider-token-visit.ts';

/**
 * Links the identity of an ID token to the actor.
 * @returns with a new session for whoever was anonymous until now
 * @throws Refusal provider_not_found, provider_token_rejected, provider_unavailable, provider_profile_unusable,
 * provider_email_missing, identity_taken, identity_not_linkable, identity_address_differs, not_signed_in
 */
export async function linkProviderToken(
  ctx: Context,
  actor: UserActor,
  input: ProviderTokenInput,
): Promise<{ readonly identity: Identity; readonly admission: Admission | null }> {
  const visit = await visitByToken(ctx, 'link', input);
  return settle(
    await retryingConflict(() =>
      act(ctx, actor, { change: 'identity_linked' }, async (tx, { person, strongFrom }) => {
        const linked = await linkIdentity(ctx, tx, actor, person.id, visit, { strongFrom: strongFrom() });
        if (linked instanceof Refusal) return linked;
        const { identity, upgraded } = linked;
        return { identity, admission: upgraded ? await enterAnew(ctx, tx, actor, person.id, 'provider') : null };
      }),
    ),
  );
}
