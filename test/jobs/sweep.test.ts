import { describe, expect, test } from 'vitest';
import { days, hours } from '../../src/base/clock.ts';
import { sweep } from '../../src/jobs/sweep.ts';
import { testClock } from '../kit/clock.ts';
import { memoryJobs, storeOfJobs } from '../kit/memory-jobs.ts';

/** Ports that delete what they are told, and remember what they were asked. */
function aStore(rows: { sessions: number; pending: number; codes: number }) {
  const asked: Record<string, { before: number; limit: number }[]> = { sessions: [], pending: [], codes: [] };
  const port = (name: keyof typeof rows) => ({
    async sweep(before: number, limit: number) {
      asked[name]!.push({ before, limit });
      const count = Math.min(limit, rows[name]);
      rows[name] -= count;
      return count;
    },
  });
  const none = { sweep: async () => 0 };
  const ports = {
    sessions: port('sessions'),
    pendingSignIns: port('pending'),
    codes: port('codes'),
    cliLogins: none,
    knownNetworks: none,
    ended: none,
  };
  return { store: storeOfJobs(memoryJobs(), ports), asked, rows };
}

describe('Sweeping', () => {
  const clock = testClock();

  test('deletes sessions when they expire, one-time values 30 days later', async () => {
    const { store, asked } = aStore({ sessions: 0, pending: 0, codes: 0 });
    await sweep(store, clock);
    expect(asked.sessions![0]!.before).toBe(clock.now());
    expect(asked.pending![0]!.before).toBe(clock.now() - hours(1));
    expect(asked.codes![0]!.before).toBe(clock.now() - days(30));
  });

  test('goes in small transactions until nothing is left', async () => {
    const { store, asked, rows } = aStore({ sessions: 1200, pending: 0, codes: 3 });
    expect(await sweep(store, clock)).toEqual({ sessions: 1200, 'one-time values': 3 });
    expect(asked.sessions!.map((call) => call.limit)).toEqual([500, 500, 500]);
    expect(rows).toEqual({ sessions: 0, pending: 0, codes: 0 });
  });

  test('leaves the rest of a backlog for its next run', async () => {
    const { store, asked, rows } = aStore({ sessions: 1_000_000, pending: 0, codes: 0 });
    await sweep(store, clock);
    expect(asked.sessions).toHaveLength(20);
    expect(rows.sessions).toBe(990_000);
  });
});
