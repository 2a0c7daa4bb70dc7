import { Refusal } from '../base/refusal.ts';
import type { Context } from './context.ts';
import type { LimitRule } from './limits.ts';

/** Limits that hold on every surface together. Fronts add their own per path (SurfaceProfile.limits). */
export const limitRules = {
  /** Tries for one account from one network or trusted device: stops guessing without letting strangers elsewhere lock the owner out. */
  passwordTriesHere: { name: 'password tries, account and network', windowSeconds: 900, max: 10 },
  /** Tries for one account from all networks its person never signed in from, together: a botnet's bound. */
  passwordTriesAnywhere: { name: 'password tries, account', windowSeconds: 3600, max: 100 },
  /** Re-proofs of a password by somebody signed in: of each known network, and of all others together. */
  reproofs: { name: 'password re-proofs, account', windowSeconds: 900, max: 20 },
  /**
   * Mail of one kind to one address; the request is still answered as ever. Each known network of the address' person
   * has its own budget, strangers share one.
   */
  mailsToAddress: { name: 'mails, address', windowSeconds: 3600, max: 5 },
  /** The verification mail that a refused sign-in sends again. */
  verificationResend: { name: 'verification mail at sign-in', windowSeconds: 60, max: 1 },
  /** An ID token of a provider, by its digest. Longer than providers let them live. */
  idTokenUses: { name: 'ID token', windowSeconds: 2 * 86_400, max: 1 },
  usernameChecks: { name: 'username checks, network', windowSeconds: 60, max: 20 },
} as const satisfies Record<string, LimitRule>;

/** Accounts made from one network. */
export const signUpsFromNetwork = (max: number): LimitRule => ({ name: 'sign-ups, network', windowSeconds: 3600, max });

/** Counts one use; `tryOnce` counts guesses, which may be taken back. @throws Refusal too_many_requests with `retryAfterSeconds` */
export async function limit(ctx: Pick<Context, 'limiter' | 'project'>, rule: LimitRule, key: string): Promise<void> {
  const { retryAfterSeconds } = await ctx.limiter.hit(rule, `${ctx.project.id} ${key}`);
  if (retryAfterSeconds !== null) throw new Refusal('too_many_requests', { retryAfterSeconds, why: rule.name });
}
