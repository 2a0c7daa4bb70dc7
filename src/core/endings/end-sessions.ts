import type { Id } from '../../base/ids.ts';
import { type Actor, actorUserId } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { isImpersonation } from '../sessions/session.ts';
import type { Tx } from '../store.ts';
import { endFor } from './end-for.ts';

/**
 * Ends sessions that somebody asked to end, and nothing else. Ending one that has ended changes and records nothing.
 * @param which the one to end; `all`; or all but one
 * @param type what the event is called
 */
export async function endSessions(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  userId: Id,
  which: Id | 'all' | { readonly but: Id },
  type: 'session.ended' | 'account.signed_out' = 'session.ended',
): Promise<void> {
  const byOthers = actorUserId(actor) !== userId;
  const own = byOthers
    ? (await tx.sessions.listOf(userId, ctx.clock.now())).filter((one) => !isImpersonation(one))
    : [];
  const ended = await end(tx, userId, which);
  for (const sessionId of ended) await recordEvent(ctx, tx, actor, { type, subject: userId, sessionId });
  // Sessions that were opened in the person's name are none of theirs to miss.
  if (own.some(({ id }) => ended.includes(id))) await endFor(ctx, tx, actor, 'signed_out_by_others', userId);
}

async function end(tx: Tx, userId: Id, which: Id | 'all' | { readonly but: Id }): Promise<readonly Id[]> {
  if (which === 'all') return tx.sessions.endAllOf(userId);
  if (typeof which === 'object') return tx.sessions.endAllOf(userId, which.but);
  return (await tx.sessions.end(which)) ? [which] : [];
}
