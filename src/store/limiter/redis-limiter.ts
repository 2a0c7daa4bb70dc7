import type { Redis } from 'ioredis';
import type { Clock } from '../../base/clock.ts';
import type { Limiter } from '../../core/limits.ts';
import { type LimitKeyMac, limitKeyMessage, retryAfterSeconds } from './retry-after.ts';

/**
 * Counts or refuses in one step. Answers the start of the window when refused, false (null) when counted.
 * Time comes from the caller; the expiry only cleans up.
 */
const hitScript = `
local window = redis.call('HMGET', KEYS[1], 'start', 'count')
local now, length, max = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local start, count = tonumber(window[1]), tonumber(window[2])
if start == nil or now >= start + length then
  redis.call('HSET', KEYS[1], 'start', ARGV[1], 'count', 1)
  redis.call('PEXPIRE', KEYS[1], length + 1000)
  return false
end
if count >= max then return window[1] end
redis.call('HINCRBY', KEYS[1], 'count', 1)
return false`;

/** Counts on several nodes, in Redis. */
export function redisLimiter(redis: Redis, clock: Clock, mac: LimitKeyMac, prefix = 'latchkey:limit:'): Limiter {
  const name = (message: string): string => prefix + Buffer.from(mac(message)).toString('base64url');
  return {
    async hit(rule, key) {
      const now = clock.now();
      const place = name(limitKeyMessage(rule, key));
      const start = await redis.eval(hitScript, 1, place, now, rule.windowSeconds * 1000, rule.max);
      return { retryAfterSeconds: start === null ? null : retryAfterSeconds(rule, Number(start), now) };
    },
    hitNow: () => null,
    async reset(rule, key) {
      await redis.del(name(limitKeyMessage(rule, key)));
    },
  };
}
