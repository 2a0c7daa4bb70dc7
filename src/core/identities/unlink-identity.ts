import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { isLastWayIn, waysIn } from '../users/ways-in.ts';
import { findOwnIdentity, type IdentitySelector } from './find-own-identity.ts';

/**
 * Takes one identity away from the actor; another way in must be left (core map P9). Somebody with one way in learns
 * that first, whatever they named.
 * @throws Refusal identity_last_method, identity_not_found
 */
export async function unlinkIdentity(ctx: Context, actor: UserActor, selector: IdentitySelector): Promise<void> {
  const { id } = actor.live.user;
  settle(
    await ctx.store.transaction(async (tx) => {
      const identity = await findOwnIdentity(tx, actor, selector);
      if (identity instanceof Refusal) {
        const single = (await waysIn(ctx, tx, id)).length <= 1 && !ctx.project.policy.users.mayRemoveLastMethod;
        return single ? refuse('identity_last_method') : identity;
      }
      const last = await isLastWayIn(ctx, tx, id, (way) => way.kind === 'identity' && way.id === identity.id);
      // An identity that could not sign in is not what keeps the door open.
      if (identity.allowSignIn && last) return refuse('identity_last_method');
      await tx.identities.remove(identity.id);
      await recordEvent(ctx, tx, actor, {
        type: 'provider.unlinked',
        subject: id,
        data: { provider: identity.provider },
      });
      return undefined;
    }),
  );
}
