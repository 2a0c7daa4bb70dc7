import type { Id } from '../../base/ids.ts';
import { looksLikeId } from '../../base/ids.ts';
import { looksLikeToken } from '../../base/random.ts';
import { refuse } from '../../base/refusal.ts';
import { act, asBearer } from '../acting.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { endSessions } from '../endings/end-sessions.ts';
import type { Tx } from '../store.ts';

/** Signs out: ends the session that asks. Ending an ended session changes nothing and records nothing. */
export async function endSession(ctx: Context, actor: UserActor): Promise<void> {
  const { session, user } = actor.live;
  // Not `act`: somebody who is kept out since may still sign out.
  await asBearer(ctx, { credential: 'none' }, (tx) =>
    endSessions(ctx, tx, actor, user.id, session.id, 'account.signed_out'),
  );
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
  await act(ctx, actor, {}, async (tx, me) => {
    const session = await findByHandle(ctx, tx, handle);
    if (!session || (owner !== null && session.userId !== owner)) return refuse('session_not_found');
    // Its own every session may end, also one that was opened in somebody's name.
    const unproven = session.id === me.session?.id ? null : me.refuseChange('sessions_ended');
    if (unproven) return unproven;
    await endSessions(ctx, tx, actor, session.userId, session.id);
    return undefined;
  });
}

/** Ends every session of the actor but the one that asks. @throws Refusal not_signed_in, impersonated_session */
export async function endOtherSessions(ctx: Context, actor: UserActor): Promise<void> {
  await act(ctx, actor, { change: 'sessions_ended' }, (tx, { person, session }) =>
    endSessions(ctx, tx, actor, person.id, { but: session.id }),
  );
}

/** Ends every session of the actor, the one that asks included. @throws Refusal not_signed_in, impersonated_session */
export async function endAllSessions(ctx: Context, actor: UserActor): Promise<void> {
  await act(ctx, actor, { change: 'sessions_ended' }, (tx, { person }) =>
    endSessions(ctx, tx, actor, person.id, 'all'),
  );
}

export async function findByHandle(ctx: Context, tx: Tx, handle: string) {
  if (looksLikeId(handle)) return tx.sessions.find(handle);
  if (!looksLikeToken(handle)) return null;
  return (await tx.sessions.findByTokenHash(ctx.vault.digest(handle)))?.session ?? null;
}
