import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';

export type WayIn =
  | { readonly kind: 'password' }
  | { readonly kind: 'identity' | 'passkey' | 'email'; readonly id: Id };

type Needs = Pick<Context, 'project' | 'providers' | 'surface'>;
type Ways = Pick<Reads, 'passwords' | 'identities' | 'passkeys' | 'emails'>;

/**
 * How somebody can sign in today (core map P9). What the operator switched off is no way in: who removes the rest would
 * be locked out.
 */
export async function waysIn(ctx: Needs, reads: Ways, userId: Id): Promise<readonly WayIn[]> {
  const ways: WayIn[] = [];
  if (ctx.project.policy.methods.password && (await reads.passwords.find(userId))) ways.push({ kind: 'password' });
  for (const { id, provider, allowSignIn } of await reads.identities.listOf(userId)) {
    if (allowSignIn && ctx.providers.find(provider)?.facts.allowSignIn) ways.push({ kind: 'identity', id });
  }
  if (ctx.project.policy.methods.passkey) {
    for (const { id } of await reads.passkeys.listOf(userId)) ways.push({ kind: 'passkey', id });
  }
  const { password, mailCode } = ctx.project.policy.methods;
  if (ctx.surface.mailboxIsWayIn && (password || mailCode)) {
    for (const { id, usedForAuth, verifiedAt } of await reads.emails.listOf(userId)) {
      if (usedForAuth && verifiedAt !== null) ways.push({ kind: 'email', id });
    }
  }
  return ways;
}

/** Would nothing be left once `removed` is gone? */
export async function isLastWayIn(
  ctx: Needs,
  reads: Ways,
  userId: Id,
  removed: (way: WayIn) => boolean,
): Promise<boolean> {
  if (ctx.project.policy.users.mayRemoveLastMethod) return false;
  const ways = await waysIn(ctx, reads, userId);
  return ways.every(removed);
}
