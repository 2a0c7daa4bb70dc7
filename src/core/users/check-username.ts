import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { actorUserId } from '../actor.ts';
import type { Context } from '../context.ts';
import { limit, limitRules } from '../limit-rules.ts';
import { hostOf } from '../network.ts';
import { isReservedUsername, readUsername } from './username-rules.ts';

/**
 * Is a username free? Usernames are public names, so this may be asked, but not often (core map P6).
 * @throws Refusal method_disabled, username_too_short, username_too_long, username_invalid, too_many_requests
 */
export async function checkUsername(ctx: Context, actor: Actor, username: string): Promise<boolean> {
  if (!ctx.project.policy.username.checkEndpoint) throw new Refusal('method_disabled');
  await limit(ctx, limitRules.usernameChecks, hostOf(actor.from.ip));
  const normal = readUsername(ctx, username, true);
  if (isReservedUsername(ctx, normal)) return false;
  return !(await ctx.store.read.users.usernameTaken(normal, ctx.clock.now(), actorUserId(actor) ?? undefined));
}
