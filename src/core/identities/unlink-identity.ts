import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { subjectOf } from '../users/subject.ts';
import { isLastWayIn, waysIn } from '../users/ways-in.ts';
import { findOwnIdentity, type IdentitySelector } from './find-own-identity.ts';
import { findIdentityOf, type OneIdentity, type OwnerOrServer } from './own-identities.ts';

/**
 * Takes one identity away from the actor; another way in must be left (core map P9). Somebody with one way in learns
 * that first, whatever they named.
 * @throws Refusal identity_last_method, identity_not_found
 */
export async function unlinkIdentity(ctx: Context, actor: UserActor, selector: IdentitySelector): Promise<void> {
  const { id } = actor.live.user;
  await act(ctx, actor, { change: 'identity_unlinked' }, async (tx) => {
    const identity = await findOwnIdentity(tx, actor, selector);
    if (identity instanceof Refusal) {
      const single = (await waysIn(ctx, tx, id)).length <= 1 && !ctx.project.policy.users.mayRemoveLastMethod;
      return single ? refuse('identity_last_method') : identity;
    }
    const last = await isLastWayIn(ctx, tx, id, { identities: [identity.id] });
    // An identity that could not sign in is not what keeps the door open.
    if (identity.allowSignIn && last) return refuse('identity_last_method');
    await endFor(ctx, tx, actor, 'identity_unlinked', id);
    await tx.identities.remove(identity.id);
    await recordEvent(ctx, tx, actor, {
      type: 'provider.unlinked',
      subject: id,
      data: { provider: identity.provider },
    });
    return undefined;
  });
}

/**
 * The same for whoever may do it about somebody; the project's server may take the last one, too.
 * @throws Refusal self_only, identity_not_found, identity_last_method
 */
export async function detachIdentity(ctx: Context, actor: OwnerOrServer, which: OneIdentity): Promise<void> {
  await act(ctx, actor, { change: 'identity_unlinked' }, async (tx, me) => {
    const identity = await findIdentityOf(tx, await subjectOf(tx, me, which.userId), which);
    if (identity instanceof Refusal) return identity;
    const last = await isLastWayIn(ctx, tx, which.userId, { identities: [identity.id] });
    if (actor.kind === 'user' && identity.allowSignIn && last) return refuse('identity_last_method');
    await endFor(ctx, tx, actor, 'identity_unlinked', which.userId);
    await tx.identities.remove(identity.id);
    const data = { provider: identity.provider };
    await recordEvent(ctx, tx, actor, { type: 'provider.unlinked', subject: which.userId, data });
    return undefined;
  });
}

/**
 * Takes every identity of one provider away from the actor (core map P8); another way in must be left.
 * @throws Refusal identity_not_found, identity_last_method
 */
export async function unlinkProvider(ctx: Context, actor: UserActor, provider: string): Promise<void> {
  const { id } = actor.live.user;
  await act(ctx, actor, { change: 'identity_unlinked' }, async (tx) => {
    const gone = (await tx.identities.listOf(id)).filter((identity) => identity.provider === provider);
    if (gone.length === 0) return refuse('identity_not_found');
    const last = await isLastWayIn(ctx, tx, id, { identities: gone.map((identity) => identity.id) });
    if (last && gone.some(({ allowSignIn }) => allowSignIn)) return refuse('identity_last_method');
    await endFor(ctx, tx, actor, 'identity_unlinked', id);
    for (const identity of gone) await tx.identities.remove(identity.id);
    await recordEvent(ctx, tx, actor, { type: 'provider.unlinked', subject: id, data: { provider } });
    return undefined;
  });
}
