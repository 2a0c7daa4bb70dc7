import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { type AdminReader, admitAdmin } from '../permissions/project-rights.ts';
import type { Person } from './user.ts';
import type { UserBrowse } from './user-query.ts';

export interface UserPart {
  readonly people: readonly Person[];
  /** Who comes next; null at the end. */
  readonly next: Id | null;
}

/**
 * People of the project in order, all of them where no limit is given.
 * @throws Refusal not_signed_in, permission_denied
 */
export async function browseUsers(
  ctx: Context,
  actor: AdminReader,
  query: Omit<UserBrowse, 'mustVerify'>,
): Promise<UserPart> {
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, ['users.list']);
  if (admitted instanceof Refusal) throw admitted;
  const { limit } = query;
  const people = await ctx.store.read.users.browse({
    ...query,
    mustVerify: ctx.project.policy.emailVerification === 'required',
    ...(limit !== undefined && { limit: limit + 1 }),
  });
  if (limit === undefined || people.length <= limit) return { people, next: null };
  return { people: people.slice(0, limit), next: people[limit]!.id };
}
