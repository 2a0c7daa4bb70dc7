import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';

export type WayIn =
  | { readonly kind: 'password' }
  | { readonly kind: 'identity' | 'passkey' | 'email'; readonly id: Id };

/** What is about to be taken away. */
export interface Removal {
  readonly password?: true;
  /** Mailed codes do not sign the person in any more. */
  readonly mailCode?: true;
  readonly identities?: readonly Id[];
  readonly passkeys?: readonly Id[];
  readonly addresses?: readonly Id[];
}

type Needs = Pick<Context, 'project' | 'providers' | 'surface'>;
type Ways = Pick<Reads, 'users' | 'passwords' | 'identities' | 'passkeys' | 'emails'>;

/**
 * How somebody can sign in once something is taken away: by a password, an identity, a passkey, or by the mail of a
 * verified address, which brings a code or a reset. What the operator switched off is no way in, and a password is none
 * without a name to type beside it.
 */
export async function waysIn(ctx: Needs, reads: Ways, userId: Id, without: Removal = {}): Promise<readonly WayIn[]> {
  const ways: WayIn[] = [];
  const { password, mailCode, passkey } = ctx.project.policy.methods;
  const addresses = (await reads.emails.listOf(userId)).filter(
    ({ id, usedForAuth }) => usedForAuth && !without.addresses?.includes(id),
  );
  if (password && !without.password && (await reads.passwords.find(userId))) {
    const named = addresses.length > 0 || (await reads.users.find(userId))?.usernameNormal != null;
    if (named) ways.push({ kind: 'password' });
  }
  for (const { id, provider, allowSignIn } of await reads.identities.listOf(userId)) {
    if (without.identities?.includes(id)) continue;
    if (allowSignIn && ctx.providers.find(provider)?.facts.allowSignIn) ways.push({ kind: 'identity', id });
  }
  if (passkey) {
    for (const { id } of await reads.passkeys.listOf(userId)) {
      if (!without.passkeys?.includes(id)) ways.push({ kind: 'passkey', id });
    }
  }
  if (ctx.surface.mailboxIsWayIn && (password || (mailCode && !without.mailCode))) {
    for (const { id, verifiedAt } of addresses) if (verifiedAt !== null) ways.push({ kind: 'email', id });
  }
  return ways;
}

/** Would nothing be left? Whoever has no way in already loses none. */
export async function isLastWayIn(ctx: Needs, reads: Ways, userId: Id, removed: Removal): Promise<boolean> {
  if (ctx.project.policy.users.mayRemoveLastMethod) return false;
  if ((await waysIn(ctx, reads, userId, removed)).length > 0) return false;
  return (await waysIn(ctx, reads, userId)).length > 0;
}
