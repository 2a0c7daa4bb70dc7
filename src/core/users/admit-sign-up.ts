import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { limit, signUpsFromNetwork } from '../limit-rules.ts';
import { networkOf } from '../network.ts';

/** May people sign up here at all? @throws Refusal sign_up_disabled */
export function checkSignUpOpen(ctx: Pick<Context, 'project'>): void {
  if (!ctx.project.policy.signUp.enabled) throw new Refusal('sign_up_disabled');
}

/**
 * What every path that creates a person asks before its transaction (core map M2).
 * @throws Refusal sign_up_disabled, too_many_requests
 */
export async function admitSignUp(ctx: Pick<Context, 'project' | 'limiter'>, actor: Actor): Promise<void> {
  checkSignUpOpen(ctx);
  const { perNetworkHourly: max } = ctx.project.policy.signUp;
  if (max !== null) await limit(ctx, signUpsFromNetwork(max), networkOf(actor.from.ip));
}
