import { type Clock, later } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { PermanentFailure } from '../base/permanent-failure.ts';
import type { Random } from '../base/random.ts';
import type { Job } from '../core/jobs/job.ts';
import type { Work } from '../core/jobs/work.ts';
import type { Store } from '../core/store.ts';
import type { Vault } from '../core/vault.ts';
import { backoffMs } from './backoff.ts';
import type { Handlers, JobRun } from './handlers.ts';

/** The jobs of one project, and who does them. */
export interface JobQueue {
  /** For the log. */
  readonly project: string;
  readonly store: Pick<Store, 'transaction'>;
  readonly handlers: Handlers;
}

export interface RunDeps {
  readonly vault: Pick<Vault, 'open'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Does a claimed job and notes how it went. Whatever the job does, this does not throw (rule 37). */
export async function runJob(deps: RunDeps, queue: JobQueue, worker: string, job: Job): Promise<void> {
  const facts = { project: queue.project, job: job.id, kind: job.kind, attempt: job.attempts };
  try {
    const fault = await attempt(deps, queue, job);
    if (fault === null) {
      await queue.store.transaction((tx) => tx.jobs.finish(job.id, worker, deps.clock.now()));
      deps.log.debug(facts, 'job done');
      return;
    }
    const error = describeFault(fault);
    const now = deps.clock.now();
    const over = fault instanceof PermanentFailure || job.attempts >= job.maxAttempts;
    const next = over ? 'park' : { runAt: later(now, backoffMs(job.attempts, deps.random)) };
    await queue.store.transaction((tx) => tx.jobs.fail(job.id, worker, error, next, now));
    if (over) deps.log.error({ ...facts, error }, 'job parked: it needs a person');
    else deps.log.warn({ ...facts, error }, 'job failed and will be tried again');
  } catch (fault) {
    // The store did not take the note. The lock expires and the job comes back: at least once.
    deps.log.error({ ...facts, error: describeFault(fault) }, 'the outcome of a job could not be noted');
  }
}

/** The error of this try, or null. */
async function attempt({ vault }: RunDeps, queue: JobQueue, job: Job): Promise<unknown> {
  // Claimed again after its last try: it takes its worker down with it, so it is not given another.
  if (job.attempts > job.maxAttempts) return new PermanentFailure('every worker that took it died');
  const work = openWork(vault, job);
  if (work instanceof Error) return work;
  const handler = Object.hasOwn(queue.handlers, work.kind) ? queue.handlers[work.kind] : undefined;
  // A newer node may have queued it, and will do it if this one leaves it alone.
  if (!handler) return new Error(`no handler for ${job.kind}`);
  try {
    await (handler as (work: Work, run: JobRun) => Promise<void>)(work, { id: job.id, attempt: job.attempts });
    return null;
  } catch (fault) {
    return fault ?? new Error('rejected without a reason');
  }
}

function openWork(vault: RunDeps['vault'], job: Job): Work | PermanentFailure {
  if (job.payload === null) return new PermanentFailure('it has no payload');
  try {
    return JSON.parse(vault.open({ table: 'job', column: 'payload_enc', row: job.id }, job.payload)) as Work;
  } catch {
    // Without the cause: a parser's message quotes the payload.
    return new PermanentFailure('its payload cannot be opened');
  }
}

const maxErrorLength = 300;

/** Kept with the job and logged, so addresses lose their query, where tokens are (rule 36). */
export function describeFault(fault: unknown): string {
  const text = fault instanceof Error ? `${fault.name}: ${fault.message}` : 'something that is not an error was thrown';
  return text.replaceAll(/\?[^\s"']+/g, '?…').slice(0, maxErrorLength);
}
