import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { limitRules } from '../limit-rules.ts';
import { networkOf } from '../network.ts';
import type { RequesterSite } from '../networks/requester-site.ts';
import { forgetTries, type Try, takeBackAll, tryEach } from '../tries.ts';
import type { Person } from '../users/user.ts';

/** What tries are counted under: the identifier as it was given, so that known and unknown accounts count alike. */
export const accountByEmail = (normal: string): string => `e-mail ${normal}`;
export const accountByUsername = (normal: string): string => `username ${normal}`;

/**
 * Counts a password before it is compared. Every network and trusted device has a budget of its own. Networks that the
 * person has never signed in from also share one: a botnet uses up its own tries, not those of the owner.
 * @throws Refusal too_many_requests
 */
export async function tryPassword(ctx: Context, account: string, site: RequesterSite): Promise<Try> {
  const here = [limitRules.passwordTriesHere, `${account} ${site.name}`] as const;
  const anywhere = [limitRules.passwordTriesAnywhere, account] as const;
  const tries = await tryEach(ctx, site.known ? [here] : [here, anywhere]);
  const [own, shared] = tries as readonly [Try, Try?];
  return {
    takeBack: () => takeBackAll(tries),
    async succeeded() {
      await own.succeeded();
      // What other strangers tried stays counted: the owner's sign-in is no reason to let them go on.
      await shared?.takeBack();
    },
  };
}

/**
 * After a completed reset: what was tried at the old password does not stand in the way of the new one, neither the
 * tries of strangers nor those of the network that reset it.
 */
export async function forgetPasswordTries(ctx: Context, actor: Actor, userId: Person['id']): Promise<void> {
  const { users, emails } = ctx.store.read;
  const [person, addresses] = await Promise.all([users.find(userId), emails.listOf(userId)]);
  const accounts = addresses.filter(({ usedForAuth }) => usedForAuth).map(({ normal }) => accountByEmail(normal));
  if (person?.usernameNormal) accounts.push(accountByUsername(person.usernameNormal));
  const network = networkOf(actor.from.ip);
  await forgetTries(ctx, limitRules.passwordTriesAnywhere, accounts);
  await forgetTries(
    ctx,
    limitRules.passwordTriesHere,
    accounts.map((account) => `${account} ${network}`),
  );
}
