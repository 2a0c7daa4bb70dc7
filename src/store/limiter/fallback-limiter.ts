import { toldOnce } from '../../base/told-once.ts';
import type { Limiter } from '../../core/limits.ts';
import type { FaultReport } from '../engine.ts';

/**
 * Counts where all nodes count, and in this process while that place does not answer: a limit is then as many times
 * wider as there are nodes, which is better than refusing everybody, or nobody.
 * @param shared bounded in time by itself
 */
export function fallbackLimiter(shared: Limiter, own: Limiter, onFault: FaultReport): Limiter {
  const outage = toldOnce(onFault, 'limits cannot be counted together; each node counts for itself');
  async function asked<T>(ask: (limiter: Limiter) => Promise<T>): Promise<T> {
    try {
      const answer = await ask(shared);
      outage.isBack();
      return answer;
    } catch (fault) {
      outage.fault(fault);
      return ask(own);
    }
  }
  return {
    hit: (rule, key) => asked((limiter) => limiter.hit(rule, key)),
    hitNow: () => null,
    giveBack: (rule, key, windowStart) => asked((limiter) => limiter.giveBack(rule, key, windowStart)),
    reset: (rule, key) => asked((limiter) => limiter.reset(rule, key)),
  };
}
