import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { limit } from '../limit-rules.ts';
import { secondFactorFailures } from './second-factor-rules.ts';

/**
 * Counts a try before it is made; a success takes it back. Two tries at once therefore both count.
 * @throws Refusal temporarily_locked
 */
export async function countFailure(ctx: Context, userId: Id): Promise<void> {
  try {
    await limit(ctx, secondFactorFailures, userId);
  } catch (refusal) {
    if (!(refusal instanceof Refusal && refusal.code === 'too_many_requests')) throw refusal;
    throw new Refusal('temporarily_locked', { retryAfterSeconds: refusal.detail.retryAfterSeconds ?? 900 });
  }
}
