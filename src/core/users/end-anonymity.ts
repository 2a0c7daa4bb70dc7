import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';

/**
 * The one way to stop being anonymous. What was handed out before opens nothing afterwards: a session, code, key,
 * passkey or password may have been planted by whoever made the anonymous person (rule 15). The session that asks ends
 * with the others; whoever goes on is admitted anew.
 * @returns false when another request was faster; nothing is written then
 */
export async function endAnonymity(ctx: Pick<Context, 'clock'>, tx: Tx, id: Id): Promise<boolean> {
  const now = ctx.clock.now();
  if (!(await tx.users.endAnonymity(id, now))) return false;
  await tx.sessions.endAllOf(id);
  await tx.pendingSignIns.voidAllOf(id, now);
  await tx.passwords.remove(id);
  await tx.passkeys.removeAllOf(id);
  await tx.factors.removeAll(id);
  await tx.factors.distrustDevices(id);
  await tx.apiKeys.revokeAllOf(id, 'upgraded', now);
  await tx.codes.voidAllOf(id, 'all', now);
  return true;
}
