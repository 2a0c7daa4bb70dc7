import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { hashNewPassword } from './hash-new-password.ts';
import { checkNewPassword } from './password-bounds.ts';

/**
 * Somebody who signs in another way takes a password as well. Sessions stay.
 * @throws Refusal method_disabled, password_too_short, password_too_long, password_already_set, not_signed_in,
 *   session_not_fresh, impersonated_session
 */
export async function setFirstPassword(ctx: Context, actor: UserActor, password: string): Promise<void> {
  if (!ctx.project.policy.methods.password) throw new Refusal('method_disabled');
  checkNewPassword(ctx, password);
  const { user } = actor.live;
  const hash = await hashNewPassword(ctx, password);
  await act(ctx, actor, { change: 'first_password_set' }, async (tx, { strongFrom }) => {
    if (await tx.passwords.find(user.id)) return refuse('password_already_set');
    await endFor(ctx, tx, actor, 'first_password_set', user.id);
    const now = ctx.clock.now();
    await tx.passwords.set({ userId: user.id, hash, setAt: now, changedAt: now, strongFrom: strongFrom() });
    await recordEvent(ctx, tx, actor, { type: 'password.changed', subject: user.id, data: { first: true } });
    return undefined;
  });
}
