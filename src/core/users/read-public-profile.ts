import { type Id, looksLikeId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { usernameNormal } from '../../base/username-form.ts';
import type { Context } from '../context.ts';
import { findBySyntheticName } from './synthetic-username.ts';
import type { Person } from './user.ts';
import { statusRefusal } from './user-status.ts';

/** May everybody read this profile? Who never chose so is not shown, and neither is whoever may not sign in (core map U3). */
export const isPublicProfile = (ctx: Pick<Context, 'project' | 'surface' | 'clock'>, person: Person): boolean =>
  (person.profilePublic || ctx.project.policy.profiles.public === 'all') && !isHidden(ctx, person);

/** An address that is not verified yet keeps somebody out, but hides nothing of what they chose to show. */
function isHidden(ctx: Pick<Context, 'project' | 'surface' | 'clock'>, person: Person): boolean {
  const refused = statusRefusal(ctx, person, ctx.clock.now());
  return refused !== null && refused.code !== 'email_not_verified';
}

/**
 * A profile as strangers see it, by username or by id. One that is not public is as unknown as one that does not exist.
 * Rules for choosing a username do not hold for looking one up: an older one may not have them.
 * @throws Refusal user_not_found
 */
export async function readPublicProfile(
  ctx: Context,
  by: { readonly username: string } | { readonly id: Id },
): Promise<Person> {
  const { users } = ctx.store.read;
  const person =
    'id' in by
      ? looksLikeId(by.id)
        ? await users.find(by.id)
        : null
      : await findNamed(ctx, usernameNormal(by.username));
  if (!person || !isPublicProfile(ctx, person)) throw new Refusal('user_not_found');
  return person;
}

const findNamed = async ({ store }: Context, name: string): Promise<Person | null> =>
  (await store.read.users.findByUsername(name)) ?? findBySyntheticName(store.read, name);
