import type { Job, JobReads, JobWrites } from '../../src/core/jobs/job.ts';
import type { Store, Tx } from '../../src/core/store.ts';

interface Row {
  job: Job;
  lockedBy: string | null;
  lockedUntil: number;
  updatedAt: number;
}

/** The port of jobs over an array, for tests of what runs them. The SQL one is tested by the store's contract. */
export interface MemoryJobs extends JobReads, JobWrites {
  all(): readonly Job[];
}

export function memoryJobs(): MemoryJobs {
  const rows: Row[] = [];
  const waiting = (row: Row) => row.job.state === 'ready' || row.job.state === 'running';
  const held = (id: string, worker: string) =>
    rows.find((row) => row.job.id === id && row.job.state === 'running' && row.lockedBy === worker);

  return {
    all: () => rows.map((row) => row.job),
    async counts() {
      const of = (state: Job['state']) => rows.filter((row) => row.job.state === state).length;
      return { ready: of('ready'), running: of('running'), parked: of('parked') };
    },
    async insert(job) {
      const known = job.dedupeKey !== null && rows.some((row) => waiting(row) && row.job.dedupeKey === job.dedupeKey);
      if (!known) rows.push({ job, lockedBy: null, lockedUntil: 0, updatedAt: job.createdAt });
      return !known;
    },
    async claim(worker, now, lockedUntil, limit) {
      const due = rows
        .filter(
          ({ job, lockedUntil }) =>
            (job.state === 'ready' && job.runAt <= now) || (job.state === 'running' && lockedUntil <= now),
        )
        .sort((a, b) => a.job.runAt - b.job.runAt || (a.job.id < b.job.id ? -1 : 1))
        .slice(0, limit);
      for (const row of due) {
        row.job = { ...row.job, state: 'running', attempts: row.job.attempts + 1 };
        row.lockedBy = worker;
        row.lockedUntil = lockedUntil;
        row.updatedAt = now;
      }
      return due.map((row) => row.job);
    },
    async keep(ids, worker, lockedUntil) {
      for (const id of ids) {
        const row = held(id, worker);
        if (row) row.lockedUntil = lockedUntil;
      }
    },
    async finish(id, worker, now) {
      const row = held(id, worker);
      if (!row) return;
      row.job = { ...row.job, state: 'done', payload: null };
      row.updatedAt = now;
    },
    async fail(id, worker, error, next, now) {
      const row = held(id, worker);
      if (!row) return;
      const runAt = next === 'park' ? row.job.runAt : next.runAt;
      row.job = { ...row.job, state: next === 'park' ? 'parked' : 'ready', runAt, lastError: error };
      row.lockedBy = null;
      row.updatedAt = now;
    },
    async discard() {},
  };
}

/** A store of nothing but jobs, and whatever ports a test adds. */
export const storeOfJobs = (jobs: MemoryJobs, others: object = {}): Pick<Store, 'transaction'> => ({
  transaction: (work) => work({ jobs, ...others } as unknown as Tx),
});
