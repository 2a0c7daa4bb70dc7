import { opaqueToken } from '../../base/random.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Session } from './session.ts';

/** Gives a session a new token under its id. Null when it ended meanwhile. */
export async function rotateSession(ctx: Context, tx: Tx, session: Session): Promise<string | null> {
  const token = opaqueToken(ctx.random);
  return (await tx.sessions.rotate(session.id, ctx.vault.digest(token), ctx.clock.now())) ? token : null;
}
