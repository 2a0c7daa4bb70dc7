import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { Context } from '../context.ts';
import { endSessions } from '../endings/end-sessions.ts';
import { type AdminActor, type AdminReader, admitAdmin } from '../permissions/project-rights.ts';
import { reachesLevel } from '../projects/server-level.ts';
import { findTarget } from '../users/admin-target.ts';
import { findByHandle } from './end-session.ts';
import { isImpersonation, type Session } from './session.ts';

/**
 * Live sessions of somebody, oldest first; those opened in their name only for administrators.
 * @throws Refusal not_signed_in, permission_denied
 */
export async function listSessionsOf(ctx: Context, actor: AdminReader, userId: Id): Promise<readonly Session[]> {
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, ['sessions.list']);
  if (admitted instanceof Refusal) throw admitted;
  const sessions = await ctx.store.read.sessions.listOf(userId, ctx.clock.now());
  const seesAll = actor.kind !== 'server' || reachesLevel(actor, 'admin');
  return seesAll ? sessions : sessions.filter((session) => !isImpersonation(session));
}

/**
 * Ends a session of anybody who holds no more than the actor, named by its handle or token. One that is not there is
 * ended already.
 * @throws Refusal not_signed_in, permission_denied
 */
export async function endSessionByAdmin(ctx: Context, actor: AdminActor, handle: string): Promise<void> {
  await act(ctx, actor, { may: ['sessions.revoke'] }, async (tx, { rights }) => {
    const session = await findByHandle(ctx, tx, handle);
    if (!session) return undefined;
    const person = await findTarget(ctx, tx, rights, session.userId, 'sessions.revoke');
    if (person instanceof Refusal) return person;
    await endSessions(ctx, tx, actor, session.userId, session.id);
    return undefined;
  });
}

/** Ends every session of somebody. @throws Refusal not_signed_in, permission_denied */
export async function endAllSessionsOf(ctx: Context, actor: AdminActor, userId: Id): Promise<void> {
  await act(ctx, actor, { may: ['sessions.revoke'] }, async (tx, { rights }) => {
    const person = await findTarget(ctx, tx, rights, userId, 'sessions.revoke');
    if (person instanceof Refusal) return person.code === 'user_not_found' ? undefined : person;
    await endSessions(ctx, tx, actor, userId, 'all');
    return undefined;
  });
}
