import type { Id } from '../../base/ids.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { type AdminActor, type AdminReader, admitAdmin } from '../permissions/project-rights.ts';
import { admitTarget } from '../users/admin-target.ts';
import { findByHandle, recordEnded } from './end-session.ts';
import type { Session } from './session.ts';

/** Live sessions of somebody, those opened in their name included. @throws Refusal not_signed_in, permission_denied */
export async function listSessionsOf(ctx: Context, actor: AdminReader, userId: Id): Promise<readonly Session[]> {
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, ['sessions.list']);
  if (admitted instanceof Refusal) throw admitted;
  return ctx.store.read.sessions.listOf(userId, ctx.clock.now());
}

/**
 * Ends a session of anybody who holds no more than the actor, named by its handle or token. One that is not there is
 * ended already.
 * @throws Refusal not_signed_in, permission_denied
 */
export async function endSessionByAdmin(ctx: Context, actor: AdminActor, handle: string): Promise<void> {
  settle(
    await ctx.store.transaction(async (tx) => {
      const admitted = await admitAdmin(ctx, tx, actor, ['sessions.revoke']);
      if (admitted instanceof Refusal) return admitted;
      const session = await findByHandle(ctx, tx, handle);
      if (!session) return undefined;
      const target = await admitTarget(ctx, tx, actor, session.userId, ['sessions.revoke']);
      if (target instanceof Refusal) return target;
      if (await tx.sessions.end(session.id)) await recordEnded(ctx, tx, actor, session.userId, [session.id]);
      return undefined;
    }),
  );
}

/** Ends every session of somebody who holds no more than the actor. @throws Refusal not_signed_in, permission_denied */
export async function endAllSessionsOf(ctx: Context, actor: AdminActor, userId: Id): Promise<void> {
  settle(
    await ctx.store.transaction(async (tx) => {
      const target = await admitTarget(ctx, tx, actor, userId, ['sessions.revoke']);
      // Nobody has no sessions: the same answer as for those that ended already.
      if (target instanceof Refusal) return target.code === 'user_not_found' ? undefined : target;
      await recordEnded(ctx, tx, actor, userId, await tx.sessions.endAllOf(userId));
      return undefined;
    }),
  );
}
