import { refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { isLastWayIn } from './ways-in.ts';

/**
 * Takes the actor's password away; another way in must be left. Whoever else is in by it is out.
 * @throws Refusal identity_last_method, password_not_set, session_not_fresh, impersonated_session
 */
export async function removePassword(ctx: Context, actor: UserActor): Promise<void> {
  const { id } = actor.live.user;
  await act(ctx, actor, { change: 'password_removed' }, async (tx, { session }) => {
    if (await isLastWayIn(ctx, tx, id, { password: true })) return refuse('identity_last_method');
    if (!(await tx.passwords.find(id))) return refuse('password_not_set');
    await endFor(ctx, tx, actor, 'password_removed', id, { spare: session.id });
    await tx.passwords.remove(id);
    await recordEvent(ctx, tx, actor, { type: 'password.removed', subject: id });
    return undefined;
  });
}
