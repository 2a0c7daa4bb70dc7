import { settle } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { TrustedUrl } from '../return-urls.ts';
import type { FactorState } from '../users/user.ts';
import { mayMailFactor } from './mailed-factor.ts';
import { findPending } from './pending.ts';

/** What a page that asks for the second factor may know. @throws Refusal pending_sign_in_not_found */
export async function readPendingFactors(
  ctx: Context,
  pendingToken: string,
): Promise<FactorState & { readonly returnTo: TrustedUrl | null }> {
  const pending = settle(await findPending(ctx, ctx.store.read, pendingToken));
  const person = await ctx.store.read.users.find(pending.userId);
  return {
    totp: person?.factors.totp ?? false,
    mailCode: person !== null && mayMailFactor(ctx, person, pending.firstMethod),
    returnTo: pending.returnTo,
  };
}
