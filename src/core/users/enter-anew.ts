import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import { isImpersonation, type SessionMethod } from '../sessions/session.ts';
import type { Tx } from '../store.ts';

/**
 * A new session for a person who stopped being anonymous in this request: the one that asked ended with the others.
 * Null when the request did not come from that person's own session, and when the gate refuses.
 */
export async function enterAnew(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  userId: Id,
  method: SessionMethod,
): Promise<Admission | null> {
  if (actor.kind !== 'user' || actor.live.user.id !== userId || isImpersonation(actor.live.session)) return null;
  const person = (await tx.users.find(userId))!;
  const admission = await admitUser(ctx, tx, actor, person, {
    method,
    strongFrom: null,
    persistent: actor.live.session.persistent,
  });
  return admission instanceof Refusal ? null : admission;
}
