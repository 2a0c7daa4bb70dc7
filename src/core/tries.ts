import { Refusal } from '../base/refusal.ts';
import type { Context } from './context.ts';
import type { LimitRule } from './limits.ts';
import { StoreUnavailable } from './store.ts';

/**
 * One counted guess at a secret. A failure leaves it counted, so a failed guess calls neither method. Nothing else in
 * the core gives back or clears a count, so that no path can refill what another one has spent.
 */
export interface Try {
  /** It was no guess: nothing was compared. Takes back this one try and no other. */
  takeBack(): Promise<void>;
  /** The secret that this rule protects was right. Clears the count of the key. */
  succeeded(): Promise<void>;
}

type TryContext = Pick<Context, 'limiter' | 'project'>;

/**
 * Counts a guess before it is made, so that guesses at once all count.
 * @throws Refusal too_many_requests with `retryAfterSeconds`
 */
export async function tryOnce(ctx: TryContext, rule: LimitRule, key: string): Promise<Try> {
  const name = `${ctx.project.id} ${key}`;
  const { retryAfterSeconds, windowStart } = await ctx.limiter.hit(rule, name);
  if (retryAfterSeconds !== null) throw new Refusal('too_many_requests', { retryAfterSeconds, why: rule.name });
  return {
    takeBack: () => ctx.limiter.giveBack(rule, name, windowStart),
    succeeded: () => ctx.limiter.reset(rule, name),
  };
}

/**
 * Forgets counts after a proof that outranks what they count, as a completed reset does with wrong passwords. Whoever
 * guesses must not be able to cause it.
 */
export async function forgetTries(ctx: TryContext, rule: LimitRule, keys: readonly string[]): Promise<void> {
  for (const key of keys) await ctx.limiter.reset(rule, `${ctx.project.id} ${key}`);
}

/** Several counts of one guess. When one of them is full, the others do not count it. */
export async function tryEach(
  ctx: TryContext,
  counts: readonly (readonly [rule: LimitRule, key: string])[],
): Promise<readonly Try[]> {
  const tries: Try[] = [];
  try {
    for (const [rule, key] of counts) tries.push(await tryOnce(ctx, rule, key));
  } catch (refusal) {
    await takeBackAll(tries);
    throw refusal;
  }
  return tries;
}

/**
 * Does what a guess was counted for. Where the store does not answer nobody learns whether it was right, and it is taken
 * back: clients try again, and right guesses would lock their owner out.
 */
export async function asGuess<T>(tried: Pick<Try, 'takeBack'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    // The count is often kept in the store that does not answer. The first fault is the one to tell.
    if (fault instanceof StoreUnavailable) await tried.takeBack().catch(() => {});
    throw fault;
  }
}

export async function takeBackAll(tries: readonly Try[]): Promise<void> {
  for (const each of tries) await each.takeBack();
}
