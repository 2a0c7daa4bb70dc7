import { describe, expect, test } from 'vitest';
import { days, hours } from '../../src/base/clock.ts';
import type { Ended } from '../../src/core/store.ts';
import { sweep } from '../../src/jobs/sweep.ts';
import { testClock } from '../kit/clock.ts';
import { memoryJobs, storeOfJobs } from '../kit/memory-jobs.ts';

/** Rows that ended, by kind, and what was asked about them. */
function aStore(rows: Partial<Record<Ended, number>>) {
  const asked: { what: Ended; before: number }[] = [];
  const limits: number[] = [];
  const ended = {
    async any(what: Ended, before: number) {
      asked.push({ what, before });
      return (rows[what] ?? 0) > 0;
    },
    async sweep(what: Ended, _before: number, limit: number) {
      limits.push(limit);
      const count = Math.min(limit, rows[what]!);
      rows[what]! -= count;
      return count;
    },
  };
  const store = { ...storeOfJobs(memoryJobs(), { ended }), read: { ended } };
  return { store, asked, limits, rows };
}

describe('Sweeping', () => {
  const clock = testClock();

  test('deletes sessions when they expire, one-time values 30 days later', async () => {
    const { store, asked } = aStore({});
    await sweep({ store }, clock);
    const keptFor = (what: Ended) => clock.now() - asked.find((question) => question.what === what)!.before;
    expect(keptFor('session')).toBe(0);
    expect(keptFor('pending_sign_in')).toBe(hours(1));
    expect(keptFor('one_time_value')).toBe(days(30));
  });

  test('where nothing has ended it takes no lock', async () => {
    const { store } = aStore({});
    const transaction = () => Promise.reject(new Error('a transaction was begun'));
    expect(await sweep({ store: { ...store, transaction } }, clock)).toEqual({});
  });

  test('goes in small transactions until nothing is left', async () => {
    const { store, limits, rows } = aStore({ session: 1200, one_time_value: 3 });
    expect(await sweep({ store }, clock)).toEqual({ sessions: 1200, 'one-time values': 3 });
    expect(limits).toEqual([500, 500, 500, 500]);
    expect(rows).toEqual({ session: 0, one_time_value: 0 });
  });

  test('leaves the rest of a backlog for its next run', async () => {
    const { store, limits, rows } = aStore({ session: 1_000_000 });
    await sweep({ store }, clock);
    expect(limits).toHaveLength(20);
    expect(rows.session).toBe(990_000);
  });
});
