import { type Selectable, sql } from 'kysely';
import type { Job, JobReads, JobWrites } from '../../core/jobs/job.ts';
import type { JobRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';

export const jobReads = ({ db, projectId }: ReadScope): JobReads => ({
  async counts() {
    const rows = await db
      .selectFrom('job')
      .select((count) => ['state', count.fn.countAll<number>().as('jobs')])
      .where('project_id', '=', projectId)
      .where('state', '!=', 'done')
      .groupBy('state')
      .execute();
    const of = (state: Job['state']) => rows.find((row) => row.state === state)?.jobs ?? 0;
    return { ready: of('ready'), running: of('running'), parked: of('parked') };
  },
});

export const jobWrites = ({ db, projectId, hasRivals, changes }: WriteScope): JobWrites => ({
  async insert(job, addressMac = null) {
    changes.job();
    const result = await db
      .insertInto('job')
      .values({
        project_id: projectId,
        id: job.id,
        kind: job.kind,
        payload_enc: job.payload,
        address_mac: addressMac,
        dedupe_key: job.dedupeKey,
        state: job.state,
        run_at: job.runAt,
        attempts: job.attempts,
        max_attempts: job.maxAttempts,
        last_error: job.lastError,
        created_at: job.createdAt,
        updated_at: job.createdAt,
      })
      // The predicate of the index job_by_dedupe: only that conflict means "already waiting".
      .onConflict((known) =>
        known
          .columns(['project_id', 'dedupe_key'])
          .where(sql<boolean>`dedupe_key is not null and state in ('ready', 'running')`)
          .doNothing(),
      )
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows ?? 0n) === 1;
  },

  async discard(addressMacs) {
    if (addressMacs.length === 0) return;
    await db
      .deleteFrom('job')
      .where('project_id', '=', projectId)
      .where('address_mac', 'in', [...addressMacs])
      .where('state', 'in', ['ready', 'parked'])
      .execute();
  },

  async claim(worker, now, lockedUntil, limit) {
    const rows = await db
      // Materialized: a subquery that locks rows must run once, whatever the plan.
      .with(
        (due) => due('due').materialized(),
        (from) => {
          const due = from
            .selectFrom('job')
            .select('id')
            .where('project_id', '=', projectId)
            .where((is) =>
              is.or([
                is.and([is('state', '=', 'ready'), is('run_at', '<=', now)]),
                is.and([is('state', '=', 'running'), is('locked_until', '<=', now)]),
              ]),
            )
            .orderBy('run_at')
            .orderBy('id')
            .limit(limit);
          return hasRivals ? due.forUpdate().skipLocked() : due;
        },
      )
      .updateTable('job')
      .set((old) => ({
        state: 'running',
        locked_by: worker,
        locked_until: lockedUntil,
        attempts: old('attempts', '+', sql.lit(1)),
        updated_at: now,
      }))
      .where('id', 'in', (from) => from.selectFrom('due').select('due.id'))
      .returningAll()
      .execute();
    return rows.map(jobFrom).sort((a, b) => a.runAt - b.runAt || (a.id < b.id ? -1 : 1));
  },

  async keep(ids, worker, lockedUntil) {
    await db
      .updateTable('job')
      .set({ locked_until: lockedUntil })
      .where('project_id', '=', projectId)
      .where('id', 'in', ids)
      .where('state', '=', 'running')
      .where('locked_by', '=', worker)
      .execute();
  },

  async finish(id, worker, now) {
    await db
      .updateTable('job')
      // Payloads hold live links: they go as soon as they are of no use.
      .set({
        state: 'done',
        payload_enc: null,
        address_mac: null,
        last_error: null,
        locked_by: null,
        locked_until: null,
        updated_at: now,
      })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('state', '=', 'running')
      .where('locked_by', '=', worker)
      .execute();
  },

  async fail(id, worker, error, next, now) {
    await db
      .updateTable('job')
      .set({
        state: next === 'park' ? 'parked' : 'ready',
        run_at: next === 'park' ? undefined : next.runAt,
        last_error: error,
        locked_by: null,
        locked_until: null,
        updated_at: now,
      })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('state', '=', 'running')
      .where('locked_by', '=', worker)
      .execute();
  },
});

const jobFrom = (row: Selectable<JobRow>): Job => ({
  id: row.id,
  kind: row.kind,
  payload: row.payload_enc,
  dedupeKey: row.dedupe_key,
  state: row.state,
  runAt: row.run_at,
  attempts: row.attempts,
  maxAttempts: row.max_attempts,
  lastError: row.last_error,
  createdAt: row.created_at,
});
