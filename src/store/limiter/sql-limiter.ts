import { type Kysely, sql } from 'kysely';
import { type Clock, type Instant, later } from '../../base/clock.ts';
import type { Limiter } from '../../core/limits.ts';
import type { Database } from '../schema.ts';
import { type LimitKeyMac, limitKeyMessage, retryAfterSeconds } from './retry-after.ts';

export interface SqlLimiter extends Limiter {
  /** Deletes counters whose window is over. How many there were. */
  sweep(limit: number): Promise<number>;
}

/** Counts on several nodes that share a database and have no Redis. */
export function sqlLimiter(db: Kysely<Database>, clock: Clock, mac: LimitKeyMac): SqlLimiter {
  return {
    async hit(rule, key) {
      const now = clock.now();
      const keyMac = mac(limitKeyMessage(rule, key));
      const expiresAt = later(now, rule.windowSeconds * 1000);
      // One upsert that counts, starts a new window, or (its WHERE) leaves a full one alone and returns no row.
      const counted = await sql<{ window_start: Instant }>`
        insert into limit_counter (key_mac, window_start, count, expires_at)
        values (${keyMac}, ${now}, 1, ${expiresAt})
        on conflict (key_mac) do update set
          window_start = case when limit_counter.expires_at <= ${now} then ${now} else limit_counter.window_start end,
          count = case when limit_counter.expires_at <= ${now} then 1 else limit_counter.count + 1 end,
          expires_at = case when limit_counter.expires_at <= ${now} then ${expiresAt} else limit_counter.expires_at end
        where limit_counter.expires_at <= ${now} or limit_counter.count < ${rule.max}
        returning window_start`.execute(db);
      const [row] = counted.rows;
      if (row) return { retryAfterSeconds: null, windowStart: row.window_start };
      const full = await db
        .selectFrom('limit_counter')
        .select('window_start')
        .where('key_mac', '=', keyMac)
        .executeTakeFirst();
      const windowStart: Instant = full?.window_start ?? now;
      return { retryAfterSeconds: retryAfterSeconds(rule, windowStart, now), windowStart };
    },

    hitNow: () => null,
    async giveBack(rule, key, windowStart) {
      await db
        .updateTable('limit_counter')
        .set((eb) => ({ count: eb('count', '-', 1) }))
        .where('key_mac', '=', mac(limitKeyMessage(rule, key)))
        .where('window_start', '=', windowStart)
        .where('count', '>', 0)
        .execute();
    },
    async reset(rule, key) {
      await db
        .deleteFrom('limit_counter')
        .where('key_mac', '=', mac(limitKeyMessage(rule, key)))
        .execute();
    },

    async sweep(limit) {
      const over = db
        .selectFrom('limit_counter')
        .select('key_mac')
        .where('expires_at', '<=', clock.now())
        .orderBy('expires_at')
        .limit(limit);
      const result = await db.deleteFrom('limit_counter').where('key_mac', 'in', over).executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}
