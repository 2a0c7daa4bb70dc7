import { later, minutes, seconds } from '../base/clock.ts';
import type { Id } from '../base/ids.ts';
import { describeFault, type JobQueue, type RunDeps, runJob } from './run-job.ts';
import { type SweptProject, sweep } from './sweep.ts';
import { type Every, systemEvery } from './timer.ts';

export interface JobRunner {
  /** Looks for due jobs every second and sweeps every few minutes. */
  start(): void;
  /** Looks at once: call it after a commit that queued a job. Does nothing before `start`. */
  wake(): void;
  /** Does everything that is due, and what comes of it, until nothing is left. Returns how many were done. */
  drain(): Promise<number>;
  /** Deletes what has expired, in every project. */
  sweep(): Promise<void>;
  /** Takes no more jobs and waits for those running, `withinMs` at most. What is left comes back when its lock expires. */
  stop(withinMs: number): Promise<void>;
}

export interface JobRunnerDeps extends RunDeps {
  /** Of the projects that have work now; the same objects as before for those known. */
  readonly queues: () => Promise<readonly JobQueue[]>;
  /** Every project, one after the other. */
  readonly toSweep?: () => AsyncIterable<SweptProject>;
  /** Jobs at once in each project. */
  readonly concurrency?: number;
  readonly every?: Every;
  /** Deletes what has expired and belongs to no project. How many rows there were. */
  readonly sweepShared?: () => Promise<number>;
}

const pollMs = seconds(1);
const sweepMs = minutes(5);
/** An expired lock means that the worker died: one that lives keeps its locks, several times before they expire. */
const lockMs = seconds(60);
const keepMs = seconds(15);

/** Any number of runners may work on one database: a job belongs to whoever claimed it until its lock expires. */
export function createJobRunner(deps: JobRunnerDeps): JobRunner {
  const { queues, clock, log, concurrency = 4, every = systemEvery } = deps;
  const worker = Buffer.from(deps.random.bytes(8)).toString('hex');
  const running = new Map<JobQueue, Map<Id, Promise<void>>>();
  let stopTimers: (() => void)[] = [];
  let stopKeeping = () => {};
  let state: 'idle' | 'started' | 'stopped' = 'idle';
  let storeFails = false;
  let current: Promise<void> | null = null;
  let lookAgain = false;

  /** Takes due jobs as long as there is room, and returns how many. */
  async function claim(queue: JobQueue): Promise<number> {
    const room = concurrency - (running.get(queue)?.size ?? 0);
    if (room <= 0) return 0;
    const now = clock.now();
    const claimed = await queue.store.transaction((tx) => tx.jobs.claim(worker, now, later(now, lockMs), room));
    for (const job of claimed) {
      // One whose lock was lost may come again while it still runs here: the second takes its place.
      const run: Promise<void> = runJob(deps, queue, worker, job).finally(() => {
        noteEnd(queue, job.id, run);
        wake();
      });
      noteStart(queue, job.id, run);
    }
    return claimed.length;
  }

  function noteStart(queue: JobQueue, id: Id, run: Promise<void>): void {
    const jobs = running.get(queue) ?? new Map<Id, Promise<void>>();
    running.set(queue, jobs.set(id, run));
  }

  /** A queue that has no jobs in progress is not held here: its project may be closed. */
  function noteEnd(queue: JobQueue, id: Id, run: Promise<void>): void {
    const jobs = running.get(queue);
    if (jobs?.get(id) === run) jobs.delete(id);
    if (jobs?.size === 0) running.delete(queue);
  }

  /** One look at a time; a call during a look makes it look once more, so that no wake is lost. */
  function wake(): void {
    if (state !== 'started') return;
    lookAgain = true;
    current ??= look().finally(() => {
      current = null;
    });
  }

  /** Of one project after the other; a fault of one keeps no other waiting. */
  async function claimDue(): Promise<void> {
    const faults: unknown[] = [];
    for (const queue of await queues()) await claim(queue).catch((fault) => faults.push(fault));
    if (faults.length > 0) throw faults[0];
  }

  async function look(): Promise<void> {
    try {
      while (lookAgain && state === 'started') {
        lookAgain = false;
        await claimDue();
      }
      if (storeFails) log.info({}, 'jobs can be claimed again');
      storeFails = false;
    } catch (fault) {
      // Said once, not every second for as long as the database is away.
      if (!storeFails) log.error({ error: describeFault(fault) }, 'jobs cannot be claimed');
      storeFails = true;
    }
  }

  /** Of jobs that run here. A fault loses at most one turn: the next one still comes in time. */
  async function keepLocks(): Promise<void> {
    const until = later(clock.now(), lockMs);
    for (const [queue, jobs] of running) {
      const ids = [...jobs.keys()];
      await queue.store
        .transaction((tx) => tx.jobs.keep(ids, worker, until))
        .catch((fault) => log.warn({ project: queue.project, error: describeFault(fault) }, 'locks were not kept'));
    }
  }

  const inProgress = (): Promise<void>[] => [...running.values()].flatMap((jobs) => [...jobs.values()]);

  async function finishStarted(): Promise<void> {
    await current;
    while (inProgress().length > 0) await Promise.all(inProgress());
  }

  async function sweepAll(): Promise<void> {
    await deps.sweepShared?.().catch((fault) => log.error({ error: describeFault(fault) }, 'sweeping failed'));
    try {
      for await (const swept of deps.toSweep?.() ?? []) await sweepOne(swept);
    } catch (fault) {
      log.error({ error: describeFault(fault) }, 'nothing can be swept');
    }
  }

  async function sweepOne(swept: SweptProject): Promise<void> {
    const { project } = swept;
    try {
      const gone = await sweep(swept, clock);
      if (Object.keys(gone).length > 0) log.debug({ project, gone }, 'swept');
    } catch (fault) {
      log.error({ project, error: describeFault(fault) }, 'sweeping failed');
    }
  }

  return {
    start() {
      if (state !== 'idle') return;
      state = 'started';
      stopTimers = [every(pollMs, wake), every(sweepMs, sweepAll)];
      stopKeeping = every(keepMs, keepLocks);
      wake();
    },
    wake,
    async drain() {
      let done = 0;
      for (;;) {
        let claimed = 0;
        for (const queue of await queues()) claimed += await claim(queue);
        const waited = inProgress();
        if (claimed === 0 && waited.length === 0) return done;
        done += claimed;
        await Promise.all(waited);
      }
    },
    sweep: sweepAll,
    async stop(withinMs) {
      state = 'stopped';
      for (const stopTimer of stopTimers) stopTimer();
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([finishStarted(), deadline]);
      clearTimeout(timer);
      // Not before: what is finished during the stop belongs to this worker until then.
      stopKeeping();
    },
  };
}
