import { expect, test } from 'vitest';
import type { Job } from '../../src/core/jobs/job.ts';
import { after, aJob, NOW, onEveryEngine, type ProjectWorld, times } from '../kit/store-world.ts';

onEveryEngine('Jobs', (world) => {
  const queue = ({ store }: ProjectWorld, ...jobs: Job[]) =>
    store.transaction(async (tx) => {
      for (const job of jobs) await tx.jobs.insert(job);
    });
  const claim = ({ store }: ProjectWorld, worker: string, at = NOW, limit = 10) =>
    store.transaction((tx) => tx.jobs.claim(worker, at, after(at - NOW + 1_000), limit));

  test('due jobs are claimed in the order they are due, with the attempt counted', async () => {
    const project = await world.project();
    const [later, sooner, future] = [
      aJob(world.ids, { runAt: after(-1) }),
      aJob(world.ids, { runAt: after(-2) }),
      aJob(world.ids, { runAt: after(1) }),
    ];
    await queue(project, later, sooner, future);
    expect(await claim(project, 'one')).toEqual([
      { ...sooner, state: 'running', attempts: 1 },
      { ...later, state: 'running', attempts: 1 },
    ]);
    expect(await claim(project, 'two')).toEqual([]);
    expect(await project.store.read.jobs.counts()).toEqual({ ready: 1, running: 2, parked: 0 });
  });

  test('of many workers that claim at once, each job goes to one', async () => {
    const project = await world.project();
    const jobs = times(40, () => aJob(world.ids));
    await queue(project, ...jobs);
    const claims = await Promise.all(times(20, (i) => claim(project, `worker ${i}`, NOW, 3)));
    const claimed = claims.flat().map(({ id }) => id);
    expect(new Set(claimed).size).toBe(claimed.length);
    const rest = await claim(project, 'last', NOW, 100);
    expect([...claimed, ...rest.map(({ id }) => id)].sort()).toEqual(jobs.map(({ id }) => id).sort());
  });

  test('a worker keeps the locks that are still its own, and no other', async () => {
    const project = await world.project();
    await queue(project, aJob(world.ids, { runAt: NOW }));
    const [job] = await claim(project, 'one');
    const keep = (worker: string, until: number) =>
      project.store.transaction((tx) => tx.jobs.keep([job!.id], worker, after(until)));
    await keep('one', 5_000);
    await keep('two', 9_000);
    expect(await claim(project, 'two', after(4_000))).toEqual([]);
    expect(await claim(project, 'two', after(5_000))).toHaveLength(1);
    await keep('one', 60_000);
    expect(await claim(project, 'three', after(6_000))).toHaveLength(1);
  });

  test('the lock of a dead worker runs out, and what that worker says afterwards changes nothing', async () => {
    const project = await world.project();
    const job = aJob(world.ids);
    await queue(project, job);
    await claim(project, 'dead');
    expect(await claim(project, 'heir', after(999))).toEqual([]);
    expect(await claim(project, 'heir', after(1_000))).toMatchObject([{ id: job.id, attempts: 2 }]);
    await project.store.transaction((tx) => tx.jobs.finish(job.id, 'dead', after(1_001)));
    await project.store.transaction((tx) => tx.jobs.fail(job.id, 'dead', 'too late', 'park', after(1_001)));
    expect(await project.store.read.jobs.counts()).toEqual({ ready: 0, running: 1, parked: 0 });
  });

  test('a finished job loses its payload, and is swept', async () => {
    const project = await world.project();
    const job = aJob(world.ids);
    await queue(project, job);
    await claim(project, 'one');
    await project.store.transaction((tx) => tx.jobs.finish(job.id, 'one', after(5)));
    const rows = await world.database.rows('SELECT state, payload_enc FROM job WHERE id = ?', [job.id]);
    expect(rows).toMatchObject([{ state: 'done', payload_enc: null }]);
    const sweep = (at: number) => project.store.transaction((tx) => tx.ended.sweep('done_job', after(at), 10));
    expect(await sweep(5)).toBe(0);
    expect(await sweep(6)).toBe(1);
  });

  test('a failed job comes back at its time, or is parked', async () => {
    const project = await world.project();
    const job = aJob(world.ids);
    await queue(project, job);
    await claim(project, 'one');
    await project.store.transaction((tx) => tx.jobs.fail(job.id, 'one', 'no route', { runAt: after(50) }, after(1)));
    expect(await claim(project, 'one', after(49))).toEqual([]);
    expect(await claim(project, 'one', after(50))).toMatchObject([{ lastError: 'no route', attempts: 2 }]);
    await project.store.transaction((tx) => tx.jobs.fail(job.id, 'one', 'gave up', 'park', after(51)));
    expect(await claim(project, 'one', after(1e9))).toEqual([]);
    expect(await project.store.read.jobs.counts()).toEqual({ ready: 0, running: 0, parked: 1 });
  });

  test('of fifty jobs with one dedupe key, one waits; when it is done the key is free', async () => {
    const project = await world.project();
    const insert = () =>
      project.store.transaction((tx) => tx.jobs.insert(aJob(world.ids, { dedupeKey: 'reset of alice' })));
    expect((await Promise.all(times(50, insert))).filter(Boolean)).toHaveLength(1);
    const [job] = await claim(project, 'one');
    expect(await insert()).toBe(false); // running counts as waiting
    await project.store.transaction((tx) => tx.jobs.finish(job!.id, 'one', NOW));
    expect(await insert()).toBe(true);
  });
});

onEveryEngine('Captured mail', (world) => {
  test('is listed newest first, also by recipient', async () => {
    const { store } = await world.project();
    const mails = ['a@example.org', 'b@example.org', 'a@example.org'].map((to) => ({
      id: world.ids.next(),
      to,
      from: 'us@example.org',
      subject: 'Hello',
      text: 'text',
      html: '<p>text</p>',
      links: ['https://example.org/verify?token=1'],
      createdAt: NOW,
    }));
    await store.transaction(async (tx) => {
      for (const mail of mails) await tx.mail.insert(mail);
    });
    expect(await store.read.mail.list({ limit: 9 })).toEqual(mails.toReversed());
    expect(await store.read.mail.list({ to: 'a@example.org', limit: 1 })).toEqual([mails[2]]);
    expect(await store.read.mail.find(mails[1]!.id)).toEqual(mails[1]);
  });
});
