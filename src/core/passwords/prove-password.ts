import { Refusal } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { limitRules } from '../limit-rules.ts';
import { budgetFor } from '../networks/requester-site.ts';
import { tryOnce } from '../tries.ts';
import type { PasswordRecord } from '../users/user-store.ts';

/**
 * Somebody signed in shows that they know their password. Returns the record that was proven, so that the transaction
 * that follows can see whether it is still the one (core map M5).
 * @throws Refusal password_not_set, password_wrong, too_many_requests, busy
 */
export async function provePassword(ctx: Context, actor: UserActor, password: string): Promise<PasswordRecord> {
  const { id } = actor.live.user;
  const record = await ctx.store.read.passwords.find(id);
  if (!record) throw new Refusal('password_not_set');
  const tried = await tryOnce(ctx, limitRules.reproofs, `${id} ${await budgetFor(ctx, id, actor.from)}`);
  const { right } = await ctx.passwords.verify(password, record.hash).catch(async (fault) => {
    await tried.takeBack(); // busy: nothing was compared
    throw fault;
  });
  if (!right) throw new Refusal('password_wrong');
  await tried.succeeded();
  return record;
}
