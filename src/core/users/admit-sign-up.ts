import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { limit, signUpsFromNetwork } from '../limit-rules.ts';
import { networkOf } from '../network.ts';
import { judgeSignUp, type SignUpFacts, type SignUpVerdict } from './judge-sign-up.ts';

/** May people sign up here at all? @throws Refusal sign_up_disabled */
export function checkSignUpOpen(ctx: Pick<Context, 'project'>): void {
  if (!ctx.project.policy.signUp.enabled) throw new Refusal('sign_up_disabled');
}

/** Counts a sign-up against the network it comes from. @throws Refusal too_many_requests */
export async function limitSignUps(ctx: Pick<Context, 'project' | 'limiter'>, actor: Actor): Promise<void> {
  const { perNetworkHourly: max } = ctx.project.policy.signUp;
  if (max !== null) await limit(ctx, signUpsFromNetwork(max), networkOf(actor.from.ip));
}

/**
 * What every path that creates a person asks before its transaction (core map M2).
 * @returns what the project's rules say of whoever comes, for `enrolPerson`
 * @throws Refusal sign_up_disabled, sign_up_rejected, too_many_requests
 */
export async function admitSignUp(
  ctx: Pick<Context, 'project' | 'limiter' | 'conditions'>,
  actor: Actor,
  facts: SignUpFacts,
): Promise<SignUpVerdict> {
  checkSignUpOpen(ctx);
  await limitSignUps(ctx, actor);
  const verdict = judgeSignUp(ctx, facts);
  // Which rule it was is the operator's to know.
  if (!verdict.admitted)
    throw new Refusal('sign_up_rejected', { why: `rules ${verdict.applied.join(', ') || 'none'}` });
  return verdict;
}
