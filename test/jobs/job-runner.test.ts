import { describe, expect, test } from 'vitest';
import { type Instant, minutes, seconds } from '../../src/base/clock.ts';
import { uuidV7 } from '../../src/base/ids.ts';
import type { Log } from '../../src/base/log.ts';
import { PermanentFailure } from '../../src/base/permanent-failure.ts';
import { queueWork } from '../../src/core/jobs/queue-work.ts';
import type { Work } from '../../src/core/jobs/work.ts';
import type { Tx } from '../../src/core/store.ts';
import { createVault } from '../../src/crypto/vault.ts';
import type { Handlers } from '../../src/jobs/handlers.ts';
import { createJobRunner } from '../../src/jobs/job-runner.ts';
import type { SweptProject } from '../../src/jobs/sweep.ts';
import type { Every } from '../../src/jobs/timer.ts';
import { testClock } from '../kit/clock.ts';
import { memoryJobs, storeOfJobs } from '../kit/memory-jobs.ts';
import { seededRandom } from '../kit/random.ts';

const canary = 'https://auth.example.com/reset?token=canary';
const work = (address = 'alice@example.com'): Work => ({
  kind: 'mail_password_reset',
  address,
  link: canary,
  surface: 'better-auth' as never,
  from: { ip: null, userAgent: null },
});

function aWorld() {
  const clock = testClock();
  const random = seededRandom('jobs');
  const vault = createVault({ current: 'a secret of the job tests, never used elsewhere', previous: [] }, random);
  const ids = uuidV7(clock, random);
  const jobs = memoryJobs();
  const lines: { facts: object; message: string }[] = [];
  const note = (facts: object, message: string) => void lines.push({ facts, message });
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const done: string[] = [];
  let behave: (work: Work) => void | Promise<void> = () => {};

  const handle = async (item: Work) => {
    await behave(item);
    done.push('address' in item && typeof item.address === 'string' ? item.address : item.kind);
  };
  const handlers: Handlers = {
    send_mail: handle,
    mail_password_reset: handle,
    mail_sign_in_link: handle,
    mail_code: handle,
    mail_email_verification: handle,
    mail_link_again: handle,
  };
  const timers: { ms: number; work: () => void; stopped: boolean }[] = [];
  const every: Every = (ms, work) => {
    const timer = { ms, work, stopped: false };
    timers.push(timer);
    return () => {
      timer.stopped = true;
    };
  };
  const queueOf = (store: ReturnType<typeof storeOfJobs>) => ({ project: 'default', store, handlers });
  interface RunnerChange {
    readonly store?: ReturnType<typeof storeOfJobs>;
    /** Of projects before that of `jobs`. */
    readonly before?: readonly ReturnType<typeof storeOfJobs>[];
    readonly queues?: () => Promise<never>;
    readonly sweepShared?: () => Promise<number>;
    readonly toSweep?: () => AsyncIterable<SweptProject>;
    readonly concurrency?: number;
  }
  const aRunner = (change: RunnerChange = {}) => {
    const queues = [...(change.before ?? []), change.store ?? storeOfJobs(jobs)].map(queueOf);
    return createJobRunner({
      queues: change.queues ?? (async () => queues),
      ...(change.sweepShared && { sweepShared: change.sweepShared }),
      ...(change.toSweep && { toSweep: change.toSweep }),
      concurrency: change.concurrency,
      vault,
      clock,
      random,
      log,
      every,
    });
  };
  return {
    clock,
    jobs,
    lines,
    done,
    timers,
    aRunner,
    runner: aRunner(),
    behave: (next: typeof behave) => {
      behave = next;
    },
    queue: (item: Work = work(), options: { dedupeKey?: string; runAt?: Instant } = {}) =>
      queueWork({ ids, vault, clock }, { jobs } as unknown as Tx, item, options),
    job: (index = 0) => jobs.all()[index]!,
  };
}

const tick = () => new Promise<void>((done) => setImmediate(done));

describe('Doing jobs', () => {
  test('a job that is due is done once, and its payload is erased', async () => {
    const world = aWorld();
    await world.queue();
    expect(await world.runner.drain()).toBe(1);
    expect(await world.runner.drain()).toBe(0);
    expect(world.done).toEqual(['alice@example.com']);
    expect(world.job()).toMatchObject({ state: 'done', payload: null, attempts: 1 });
  });

  test('a job for later waits for its time', async () => {
    const world = aWorld();
    await world.queue(work(), { runAt: (world.clock.now() + minutes(10)) as Instant });
    expect(await world.runner.drain()).toBe(0);
    world.clock.advance(minutes(10));
    expect(await world.runner.drain()).toBe(1);
  });

  test('work that comes of work is done by the same drain', async () => {
    const world = aWorld();
    let more = 2;
    world.behave(async () => {
      if (more-- > 0) await world.queue();
    });
    await world.queue();
    expect(await world.runner.drain()).toBe(3);
  });

  test('more jobs than places are all done, never more than the places at once', async () => {
    const world = aWorld();
    let now = 0;
    let most = 0;
    world.behave(async () => {
      most = Math.max(most, ++now);
      await tick();
      now -= 1;
    });
    for (let i = 0; i < 10; i += 1) await world.queue();
    expect(await world.aRunner({ concurrency: 3 }).drain()).toBe(10);
    expect(most).toBe(3);
  });

  test('a second job with the same dedupe key is not queued while the first waits', async () => {
    const world = aWorld();
    expect(await world.queue(work(), { dedupeKey: 'alice' })).toBe(true);
    expect(await world.queue(work(), { dedupeKey: 'alice' })).toBe(false);
    expect(await world.runner.drain()).toBe(1);
    expect(await world.queue(work(), { dedupeKey: 'alice' })).toBe(true);
  });
});

describe('Failing jobs (rule 37)', () => {
  test('come back later and later, with chance in it, and keep the reason', async () => {
    const world = aWorld();
    world.behave(() => {
      throw new Error('the mail server is away');
    });
    await world.queue();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 11; attempt += 1) {
      await world.runner.drain();
      waits.push(world.job().runAt - world.clock.now());
      world.clock.advance(waits.at(-1)!);
    }
    for (const [index, wait] of waits.entries()) {
      const full = Math.min(seconds(5) * 2 ** index, minutes(60));
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full);
    }
    expect(world.job()).toMatchObject({ state: 'ready', lastError: 'Error: the mail server is away' });
  });

  test('are parked after their last try, payload and all, and leave the others alone', async () => {
    const world = aWorld();
    world.behave((item) => {
      if ('address' in item && item.address === 'bad') throw new Error('no');
    });
    await world.queue(work('bad'));
    await world.queue(work('good'));
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      await world.runner.drain();
      world.clock.advance(minutes(60));
    }
    expect(world.done).toEqual(['good']);
    expect(world.job(0)).toMatchObject({ state: 'parked', attempts: 12 });
    expect(world.job(0).payload).not.toBeNull();
    expect(await world.jobs.counts()).toEqual({ ready: 0, running: 0, parked: 1 });
  });

  test('that cannot ever succeed are parked at once', async () => {
    const world = aWorld();
    world.behave(() => {
      throw new PermanentFailure('no such mailbox');
    });
    await world.queue();
    await world.runner.drain();
    expect(world.job()).toMatchObject({ state: 'parked', attempts: 1 });
  });

  test('recover: a later try that works is the end of it', async () => {
    const world = aWorld();
    let failures = 2;
    world.behave(() => {
      if (failures-- > 0) throw new Error('not yet');
    });
    await world.queue();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await world.runner.drain();
      world.clock.advance(minutes(1));
    }
    expect(world.job()).toMatchObject({ state: 'done', attempts: 3 });
  });

  test('with a payload that cannot be opened are parked, not tried', async () => {
    const world = aWorld();
    await world.queue();
    await world.jobs.insert({ ...world.job(), id: 'moved' });
    await world.runner.drain();
    expect(world.job(1)).toMatchObject({ state: 'parked', lastError: expect.stringContaining('cannot be opened') });
    expect(world.done).toHaveLength(1);
  });

  test('of a kind that only a newer node knows are left for that node', async () => {
    const world = aWorld();
    await world.queue({ ...work(), kind: 'from_the_future' } as unknown as Work);
    await world.queue({ ...work(), kind: 'constructor' } as unknown as Work);
    await world.runner.drain();
    expect(world.job()).toMatchObject({ state: 'ready', lastError: expect.stringContaining('no handler') });
    expect(world.job(1)).toMatchObject({ state: 'ready' });
  });

  test('put nothing of their payload into the log or the reason (rule 36)', async () => {
    const world = aWorld();
    world.behave(() => {
      throw new Error(`could not open ${canary}`);
    });
    await world.queue();
    await world.runner.drain();
    expect(world.lines).not.toEqual([]);
    expect(JSON.stringify(world.lines) + world.job().lastError).not.toContain('canary');
  });

  test('that throw what is no error are failures too', async () => {
    const world = aWorld();
    world.behave(() => Promise.reject(undefined));
    await world.queue();
    await world.runner.drain();
    expect(world.job()).toMatchObject({ state: 'ready', attempts: 1 });
  });
});

describe('Several workers', () => {
  test('share the jobs: each is done by one', async () => {
    const world = aWorld();
    for (let i = 0; i < 20; i += 1) await world.queue(work(`${i}`));
    const [one, two] = [world.aRunner(), world.aRunner()];
    await Promise.all([one.drain(), two.drain()]);
    expect(world.done.toSorted()).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`).toSorted());
  });

  test('a job whose worker died is done by another once the lock expires', async () => {
    const world = aWorld();
    await world.queue();
    await world.jobs.claim('dead', world.clock.now(), (world.clock.now() + minutes(5)) as Instant, 1);
    expect(await world.runner.drain()).toBe(0);
    world.clock.advance(minutes(5));
    expect(await world.runner.drain()).toBe(1);
    expect(world.job()).toMatchObject({ state: 'done', attempts: 2 });
  });

  test('a worker that lives keeps its job, however long it takes', async () => {
    const world = aWorld();
    let finish = () => {};
    world.behave(() => new Promise<void>((done) => (finish = done)));
    await world.queue();
    const [long, other] = [world.aRunner(), world.aRunner()];
    long.start();
    await tick();
    const keep = world.timers.find(({ ms }) => ms === seconds(15))!;
    for (let turn = 0; turn < 20; turn += 1) {
      world.clock.advance(seconds(15));
      await keep.work();
      expect(await other.drain()).toBe(0);
    }
    finish();
    await long.stop(minutes(1));
    expect(world.job()).toMatchObject({ state: 'done', attempts: 1 });
    expect(keep.stopped).toBe(true);
  });

  test('what a killed worker left is done by another within 90 seconds', async () => {
    const world = aWorld();
    world.behave(() => new Promise<void>(() => {}));
    await world.queue();
    world.aRunner().start();
    await tick();
    world.behave(() => {});
    world.clock.advance(seconds(90) - seconds(1));
    expect(await world.aRunner().drain()).toBe(1);
    expect(world.job()).toMatchObject({ state: 'done', attempts: 2 });
  });

  test('locks that could not be kept are no fault of the job', async () => {
    const world = aWorld();
    let finish = () => {};
    world.behave(() => new Promise<void>((done) => (finish = done)));
    await world.queue();
    let away = false;
    const { transaction } = storeOfJobs(world.jobs);
    const runner = world.aRunner({
      store: { transaction: (work) => (away ? Promise.reject(new Error('away')) : transaction(work)) },
    });
    runner.start();
    await tick();
    away = true;
    await world.timers.find(({ ms }) => ms === seconds(15))!.work();
    away = false;
    finish();
    await runner.stop(minutes(1));
    expect(world.job().state).toBe('done');
    expect(world.lines.map(({ message }) => message)).toEqual(expect.arrayContaining(['locks were not kept']));
  });

  test('a worker that comes back from the dead cannot undo what the other did', async () => {
    const world = aWorld();
    await world.queue();
    await world.jobs.claim('slow', world.clock.now(), (world.clock.now() + minutes(5)) as Instant, 1);
    world.clock.advance(minutes(5));
    await world.runner.drain();
    await world.jobs.fail(world.job().id, 'slow', 'late', 'park', world.clock.now());
    expect(world.job().state).toBe('done');
  });

  test('a job that kills every worker is parked without being tried again', async () => {
    const world = aWorld();
    await world.queue();
    for (let i = 0; i < 12; i += 1) {
      await world.jobs.claim('dead', world.clock.now(), (world.clock.now() + minutes(5)) as Instant, 1);
      world.clock.advance(minutes(5));
    }
    await world.runner.drain();
    expect(world.done).toEqual([]);
    expect(world.job()).toMatchObject({ state: 'parked', lastError: expect.stringContaining('worker') });
  });

  test('an outcome that could not be noted is not lost: the job comes back', async () => {
    const world = aWorld();
    await world.queue();
    const { transaction } = storeOfJobs(world.jobs);
    let calls = 0;
    const store: ReturnType<typeof storeOfJobs> = {
      transaction: (work) => (++calls === 2 ? Promise.reject(new Error('the database is away')) : transaction(work)),
    };
    const runner = world.aRunner({ store });
    await runner.drain();
    expect(world.job().state).toBe('running');
    world.clock.advance(minutes(5));
    await runner.drain();
    expect(world.job().state).toBe('done');
    expect(world.done).toHaveLength(2);
  });
});

describe('Starting, waking, stopping', () => {
  test('before the start nothing runs by itself', async () => {
    const world = aWorld();
    await world.queue();
    world.runner.wake();
    await tick();
    expect(world.done).toEqual([]);
  });

  test('polls every second and when woken', async () => {
    const world = aWorld();
    world.runner.start();
    expect(world.timers.map((timer) => timer.ms)).toEqual([1000, minutes(5), seconds(15)]);
    await world.queue();
    world.runner.wake();
    await tick();
    expect(world.done).toHaveLength(1);
    await world.queue();
    world.timers[0]!.work();
    await tick();
    expect(world.done).toHaveLength(2);
  });

  test('a database that is away is reported once, and when it is back work goes on', async () => {
    const world = aWorld();
    const { transaction } = storeOfJobs(world.jobs);
    let away = true;
    const runner = world.aRunner({
      store: { transaction: (work) => (away ? Promise.reject(new Error('away')) : transaction(work)) },
    });
    runner.start();
    for (let i = 0; i < 3; i += 1) {
      await tick();
      world.timers[0]!.work();
    }
    await tick();
    expect(world.lines.map((line) => line.message)).toEqual(['jobs cannot be claimed']);
    away = false;
    await world.queue();
    runner.wake();
    await tick();
    expect(world.done).toHaveLength(1);
  });

  test('a stop waits for what runs and takes nothing new', async () => {
    const world = aWorld();
    let finish = () => {};
    world.behave(() => new Promise<void>((done) => (finish = done)));
    await world.queue(work('first'));
    const runner = world.aRunner({ concurrency: 1 });
    runner.start();
    await tick();
    await world.queue(work('second'));
    const stopped = runner.stop(minutes(1));
    finish();
    await stopped;
    expect(world.done).toEqual(['first']);
    expect(world.timers.every((timer) => timer.stopped)).toBe(true);
    expect(world.job(1).state).toBe('ready');
  });

  test('a stop does not wait for ever', async () => {
    const world = aWorld();
    world.behave(() => new Promise(() => {}));
    await world.queue();
    world.runner.start();
    await tick();
    await world.runner.stop(0);
    expect(world.job().state).toBe('running');
  });
});

describe('Faults', () => {
  const broken = (): ReturnType<typeof storeOfJobs> => ({
    transaction: () => Promise.reject(new Error('this project is broken')),
  });

  test('a project that cannot be asked keeps no other waiting', async () => {
    const world = aWorld();
    await world.queue();
    const runner = world.aRunner({ before: [broken()] });
    runner.start();
    for (let turn = 0; turn < 5; turn += 1) await tick();
    await runner.stop(minutes(1));
    expect(world.done).toEqual(['alice@example.com']);
    expect(world.lines.map(({ message }) => message)).toContain('jobs cannot be claimed');
  });

  test('a sweep that finds no database says so and ends', async () => {
    const world = aWorld();
    // biome-ignore lint/correctness/useYield: it fails before there is anything
    const toSweep = async function* (): AsyncGenerator<SweptProject> {
      throw new Error('the database is away');
    };
    await world.aRunner({ toSweep }).sweep();
    expect(world.lines.map(({ message }) => message)).toEqual(['nothing can be swept']);
  });

  test('what belongs to no project is swept too, and its fault keeps the projects from nothing', async () => {
    const world = aWorld();
    const swept: string[] = [];
    const aProject = (project: string): SweptProject => {
      const any = () => {
        swept.push(project);
        return project === 'broken' ? Promise.reject(new Error('no')) : Promise.resolve(false);
      };
      return { project, store: { ...storeOfJobs(memoryJobs()), read: { ended: { any } } } };
    };
    await world
      .aRunner({
        sweepShared() {
          swept.push('shared');
          return Promise.reject(new Error('no'));
        },
        async *toSweep() {
          yield aProject('broken');
          yield aProject('another');
        },
      })
      .sweep();
    expect([...new Set(swept)]).toEqual(['shared', 'broken', 'another']);
    expect(world.lines.map(({ message }) => message)).toEqual(['sweeping failed', 'sweeping failed']);
  });
});
