import type { PersonActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { isImpersonation, type Session } from './session.ts';

/** The actor's live sessions, oldest first; those an administrator opened in their name are left out. */
export async function listSessions(ctx: Context, actor: PersonActor): Promise<readonly Session[]> {
  const sessions = await ctx.store.read.sessions.listOf(actor.live.user.id, ctx.clock.now());
  return sessions.filter((session) => !isImpersonation(session));
}
