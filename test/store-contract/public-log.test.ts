import { describe, expect, test } from 'vitest';
import type { Instant } from '../../src/base/clock.ts';
import type { Id } from '../../src/base/ids.ts';
import type { Event } from '../../src/core/audit/event.ts';
import type { PublicAction } from '../../src/core/audit/public-log.ts';
import { NOW, onEveryEngine, type ProjectWorld, type StoreWorld, times } from '../kit/store-world.ts';

onEveryEngine('The public log', (world) => {
  const anEvent = (change: Partial<Event> = {}): Event => ({
    id: world.ids.next(),
    type: 'account.updated',
    level: 'info',
    visibility: 'public',
    publicAction: 'profile_changed',
    actorKind: 'user',
    actorId: null,
    subjectUserId: null,
    organizationId: null,
    apiKeyId: null,
    sessionId: null,
    madeBy: 'axumkit',
    ip: null,
    userAgent: null,
    data: {},
    createdAt: NOW,
    ...change,
  });
  const record = (project: ProjectWorld, ...events: Event[]) =>
    project.store.transaction(async (tx) => {
      for (const event of events) await tx.events.insert(event);
    });
  const placed = async (project: ProjectWorld, after = 0, limit = 1_000) =>
    (await project.store.read.events.listPlaced({ after, limit })).map(({ id, position }) => [id, position]);

  test('gives public events positions in the order of their recording, and others none', async () => {
    const project = await world.project();
    const [a, b, c] = times(3, () => anEvent());
    const hidden = anEvent({ visibility: 'user', publicAction: null });
    expect(await project.store.read.events.lastPosition()).toBe(0);
    await record(project, b!, hidden, a!);
    await record(project, c!);
    expect(await placed(project)).toEqual([
      [b!.id, 1],
      [a!.id, 2],
      [c!.id, 3],
    ]);
    expect(await project.store.read.events.lastPosition()).toBe(3);
    expect(await project.store.read.events.positionOf(a!.id)).toBe(2);
    expect(await project.store.read.events.positionOf(hidden.id)).toBeNull();
    expect(await project.store.read.events.positionOf('nothing')).toBeNull();
    expect(await placed(project, 1, 1)).toEqual([[a!.id, 2]]);
  });

  test('events of an erased person are shown to nobody, and a reader goes on from where they were', async () => {
    const project = await world.project();
    const { id: subjectUserId } = await project.person();
    const [before, theirs, after] = [anEvent(), anEvent({ subjectUserId }), anEvent()];
    await record(project, before, theirs, after);
    await project.store.transaction((tx) => tx.users.erase(subjectUserId));
    expect(await placed(project)).toEqual([
      [before.id, 1],
      [after.id, 3],
    ]);
    const shown = await project.store.read.events.listPublic({ actions: ['profile_changed'] }, { limit: 9 });
    expect(shown.map(({ id }) => id)).not.toContain(theirs.id);
    expect(await project.store.read.events.positionOf(theirs.id)).toBe(2);
  });

  test('events end by their age, and the log goes on counting', async () => {
    const project = await world.project();
    const old = times(3, () => anEvent());
    await record(project, ...old);
    const limit = (world.clock.now() + 1_000) as Instant;
    world.clock.set(limit);
    const young = anEvent();
    await record(project, young);
    expect(await world.opened.sweepEvents(limit, 2)).toBe(2);
    while ((await world.opened.sweepEvents(limit, 500)) > 0);
    expect(await placed(project)).toEqual([[young.id, 4]]);
    await record(project, anEvent());
    expect(await project.store.read.events.lastPosition()).toBe(5);
  });

  test('fifty transactions at once, of which some are rolled back, leave no gap and no position twice', async () => {
    const project = await world.project();
    const kept = new Set<Id>();
    await Promise.all(
      times(50, async (n) => {
        const events = times(1 + (n % 3), () => anEvent());
        const broken = n % 7 === 0;
        const done = project.store.transaction(async (tx) => {
          for (const event of events) await tx.events.insert(event);
          if (broken) throw new Error('broken');
        });
        if (broken) return expect(done).rejects.toThrow('broken');
        await done;
        for (const { id } of events) kept.add(id);
      }),
    );
    const found = await placed(project);
    expect(new Set(found.map(([id]) => id))).toEqual(kept);
    expect(found.map(([, position]) => position)).toEqual(times(kept.size, (n) => n + 1));
  });

  test('of one project is nothing to another (rule 31)', async () => {
    const [mine, other] = [await world.project(), await world.project()];
    const event = anEvent();
    await record(mine, event);
    const { events } = other.store.read;
    expect(await events.lastPosition()).toBe(0);
    expect(await events.positionOf(event.id)).toBeNull();
    expect(await events.listPlaced({ after: 0, limit: 9 })).toEqual([]);
    expect(await events.listPublic({ actions: ['profile_changed'] }, { limit: 9 })).toEqual([]);
    await record(other, anEvent());
    expect((await placed(other)).map(([, position]) => position)).toEqual([1]);
  });

  describe('pages by id', () => {
    const fill = async (project: ProjectWorld, actions: readonly PublicAction[]) => {
      const events = actions.map((publicAction) => anEvent({ publicAction }));
      await record(project, ...events);
      return events.map(({ id }) => id);
    };
    const ids = async (project: ProjectWorld, ...[query, page]: Parameters<ListPublic>) =>
      (await project.store.read.events.listPublic(query, page)).map(({ id }) => id);

    test('several actions are one list, newest first', async () => {
      const project = await world.project();
      const [a, b, c, d] = await fill(project, ['account_created', 'profile_changed', 'signed_in', 'account_created']);
      const two = { actions: ['account_created', 'profile_changed'] } as const;
      expect(await ids(project, two, { limit: 9 })).toEqual([d, b, a]);
      expect(await ids(project, two, { limit: 2 })).toEqual([d, b]);
      expect(await ids(project, two, { limit: 2, below: d! })).toEqual([b, a]);
      expect(await ids(project, two, { limit: 1, above: a! })).toEqual([b]);
      expect(await ids(project, { actions: ['signed_in'] }, { limit: 9 })).toEqual([c]);
      expect(await ids(project, { actions: [] }, { limit: 9 })).toEqual([]);
    });

    test('who did it is the actor, or the person themselves who came as nobody', async () => {
      const project = await world.project();
      const [ada, eve] = [world.ids.next(), world.ids.next()];
      const own = anEvent({ subjectUserId: ada, actorId: ada });
      const asNobody = anEvent({ subjectUserId: ada, actorKind: 'anonymous' });
      const byEve = anEvent({ subjectUserId: ada, actorId: eve });
      const bySystem = anEvent({ subjectUserId: ada, actorKind: 'system' });
      await record(project, own, asNobody, byEve, bySystem);
      const actions = ['profile_changed'] as const;
      expect(await ids(project, { actions, by: ada }, { limit: 9 })).toEqual([asNobody.id, own.id]);
      expect(await ids(project, { actions, by: eve }, { limit: 9 })).toEqual([]);
      expect(await ids(project, { actions, about: ada }, { limit: 9 })).toHaveLength(4);
      expect(await ids(project, { actions, by: ada, about: eve }, { limit: 9 })).toEqual([]);
      expect(await ids(project, { actions: ['signed_in'], about: ada }, { limit: 9 })).toEqual([]);
    });
  });
});

type ListPublic = Awaited<ReturnType<StoreWorld['project']>>['store']['read']['events']['listPublic'];
