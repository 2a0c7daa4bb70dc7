import type { Clock, Instant } from '../../base/clock.ts';
import { Lru } from '../../base/lru.ts';
import type { Hit, Limiter, LimitRule } from '../../core/limits.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** Keys remembered at once. Past it the key used longest ago is forgotten: memory is bounded, whoever knocks. */
const capacity = 200_000;

/** Counts on this node alone. */
export function memoryLimiter(clock: Clock): Limiter {
  const windows = new Lru<string, { start: Instant; count: number }>(capacity);
  const name = (rule: { readonly name: string }, key: string): string => `${rule.name}\n${key}`;

  function hitNow(rule: LimitRule, key: string): Hit {
    const now = clock.now();
    const at = name(rule, key);
    const window = windows.get(at);
    if (!window || now >= window.start + rule.windowSeconds * 1000) {
      windows.set(at, { start: now, count: 1 });
      return { retryAfterSeconds: null, windowStart: now };
    }
    const windowStart = window.start;
    if (window.count >= rule.max) return { retryAfterSeconds: retryAfterSeconds(rule, windowStart, now), windowStart };
    window.count += 1;
    return { retryAfterSeconds: null, windowStart };
  }

  return {
    hitNow,
    hit: async (rule, key) => hitNow(rule, key),
    async giveBack(rule, key, windowStart) {
      const window = windows.get(name(rule, key));
      if (window?.start === windowStart && window.count > 0) window.count -= 1;
    },
    async reset(rule, key) {
      windows.delete(name(rule, key));
    },
  };
}
