import type { Id } from '../../base/ids.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import type { Tx } from '../store.ts';

/**
 * The one way to stop being anonymous. What was handed out before opens nothing afterwards: a session, code, key,
 * passkey or password may have been planted by whoever made the anonymous person (rule 15). The session that asks ends
 * with the others; whoever goes on is admitted anew.
 * @returns false when another request was faster; nothing is written then
 */
export async function endAnonymity(ctx: Context, tx: Tx, actor: Actor, id: Id): Promise<boolean> {
  if (!(await tx.users.endAnonymity(id, ctx.clock.now()))) return false;
  await endFor(ctx, tx, actor, 'anonymous_upgraded', id);
  return true;
}
