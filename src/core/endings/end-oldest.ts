import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { isImpersonation, type Session } from '../sessions/session.ts';
import type { Tx } from '../store.ts';

/**
 * A person has a bounded number of sessions: beyond it, those that were used longest ago end. Sessions that others opened
 * in the person's name are counted apart, so that they push out none of the person's own.
 * @param added the session that was just stored; it stays
 */
export async function endOldestSessions(ctx: Context, tx: Tx, actor: Actor, added: Session): Promise<void> {
  const { maxPerUser } = ctx.project.policy.session;
  const which = isImpersonation(added) ? 'impersonations' : 'own';
  for (const sessionId of await tx.sessions.endOldest(added.userId, which, maxPerUser)) {
    await recordEvent(ctx, tx, actor, {
      type: 'session.ended',
      subject: added.userId,
      sessionId,
      data: { reason: 'too_many' },
    });
  }
}
