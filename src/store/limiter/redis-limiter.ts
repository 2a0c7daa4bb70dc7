import type { Redis } from 'ioredis';
import type { Clock, Instant } from '../../base/clock.ts';
import type { Limiter } from '../../core/limits.ts';
import { type LimitKeyMac, limitKeyMessage, retryAfterSeconds } from './retry-after.ts';

/**
 * Counts or refuses in one step. Answers 1 when refused, 0 when counted, and the start of the window.
 * Time comes from the caller; the expiry only cleans up.
 */
const hitScript = `
local window = redis.call('HMGET', KEYS[1], 'start', 'count')
local now, length, max = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local start, count = tonumber(window[1]), tonumber(window[2])
if start == nil or now >= start + length then
  redis.call('HSET', KEYS[1], 'start', ARGV[1], 'count', 1)
  redis.call('PEXPIRE', KEYS[1], length + 1000)
  return {0, ARGV[1]}
end
if count >= max then return {1, window[1]} end
redis.call('HINCRBY', KEYS[1], 'count', 1)
return {0, window[1]}`;

/** Of the same window only: a later one has not counted the use. */
const giveBackScript = `
local window = redis.call('HMGET', KEYS[1], 'start', 'count')
if window[1] == ARGV[1] and tonumber(window[2]) > 0 then redis.call('HINCRBY', KEYS[1], 'count', -1) end
return false`;

/** Counts on several nodes, in Redis. */
export function redisLimiter(redis: Redis, clock: Clock, mac: LimitKeyMac, prefix = 'latchkey:limit:'): Limiter {
  const name = (message: string): string => prefix + Buffer.from(mac(message)).toString('base64url');
  return {
    async hit(rule, key) {
      const now = clock.now();
      const place = name(limitKeyMessage(rule, key));
      const answer = await redis.eval(hitScript, 1, place, now, rule.windowSeconds * 1000, rule.max);
      const [refused, start] = answer as [refused: number, start: string];
      const windowStart = Number(start) as Instant;
      return { retryAfterSeconds: refused === 1 ? retryAfterSeconds(rule, windowStart, now) : null, windowStart };
    },
    hitNow: () => null,
    async giveBack(rule, key, windowStart) {
      await redis.eval(giveBackScript, 1, name(limitKeyMessage(rule, key)), windowStart);
    },
    async reset(rule, key) {
      await redis.del(name(limitKeyMessage(rule, key)));
    },
  };
}
