import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { type AdminReader, admitAdmin } from '../permissions/project-rights.ts';
import type { Person } from './user.ts';

/** Somebody else, by right. @throws Refusal not_signed_in, permission_denied, user_not_found */
export async function readUser(ctx: Context, actor: AdminReader, userId: Id): Promise<Person> {
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, ['users.read']);
  if (admitted instanceof Refusal) throw admitted;
  const person = await ctx.store.read.users.find(userId);
  if (!person) throw new Refusal('user_not_found');
  return person;
}
