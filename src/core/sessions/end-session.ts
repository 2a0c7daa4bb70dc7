import type { Id } from '../../base/ids.ts';
import { looksLikeId } from '../../base/ids.ts';
import { looksLikeToken } from '../../base/random.ts';
import { refuse, settle } from '../../base/refusal.ts';
import type { Actor, ServerActor, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';

/** Signs out: ends the session that asks. Ending an ended session changes nothing and records nothing. */
export async function endSession(ctx: Context, actor: UserActor): Promise<void> {
  const { session, user } = actor.live;
  await ctx.store.transaction(async (tx) => {
    if (!(await tx.sessions.end(session.id))) return;
    await recordEvent(ctx, tx, actor, { type: 'account.signed_out', subject: user.id });
  });
}

/**
 * Ends a session of a person, named by its handle or by its token: one of the actor's own, or anybody's where the
 * project's server asks.
 * @param userId whose it has to be; null: anybody's
 * @throws Refusal `session_not_found` when unknown or someone else's: one answer, so ids cannot be probed
 */
export async function endSessionByHandle(
  ctx: Context,
  actor: UserActor | ServerActor,
  handle: string,
  userId: Id | null = null,
): Promise<void> {
  const owner = actor.kind === 'user' ? actor.live.user.id : userId;
  settle(
    await ctx.store.transaction(async (tx) => {
      const session = await findByHandle(ctx, tx, handle);
      if (!session || (owner !== null && session.userId !== owner)) return refuse('session_not_found');
      if (await tx.sessions.end(session.id)) await recordEnded(ctx, tx, actor, session.userId, [session.id]);
      return undefined;
    }),
  );
}

/** Ends every session of the actor but the one that asks. */
export async function endOtherSessions(ctx: Context, actor: UserActor): Promise<void> {
  const userId = actor.live.user.id;
  await ctx.store.transaction(async (tx) => {
    await recordEnded(ctx, tx, actor, userId, await tx.sessions.endAllOf(userId, actor.live.session.id));
  });
}

/** Ends every session of the actor, the one that asks included. */
export async function endAllSessions(ctx: Context, actor: UserActor): Promise<void> {
  const userId = actor.live.user.id;
  await ctx.store.transaction(async (tx) => {
    await recordEnded(ctx, tx, actor, userId, await tx.sessions.endAllOf(userId));
  });
}

export async function findByHandle(ctx: Context, tx: Tx, handle: string) {
  if (looksLikeId(handle)) return tx.sessions.find(handle);
  if (!looksLikeToken(handle)) return null;
  return (await tx.sessions.findByTokenHash(ctx.vault.digest(handle)))?.session ?? null;
}

export async function recordEnded(ctx: Context, tx: Tx, actor: Actor, subject: Id, ids: readonly Id[]): Promise<void> {
  for (const id of ids) {
    await recordEvent(ctx, tx, actor, { type: 'session.ended', subject, sessionId: id });
  }
}
