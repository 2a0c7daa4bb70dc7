import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { createSessionCache } from '../../src/core/sessions/session-cache.ts';
import type { InvalidationBus } from '../../src/store/invalidation/bus.ts';
import { messages } from '../../src/store/invalidation/bus.ts';
import { type Channel, invalidationListener } from '../../src/store/invalidation/listener.ts';
import { channelName, postgresBus } from '../../src/store/invalidation/postgres-bus.ts';
import { redisBus } from '../../src/store/invalidation/redis-bus.ts';
import type { PostgresConfig } from '../../src/store/postgres/postgres-config.ts';
import { postgresUrl } from '../kit/postgres-run.ts';
import { redisAnswers, redisUrl } from '../kit/redis.ts';
import { NOW, onEveryEngine, type StoreWorld } from '../kit/store-world.ts';

const silent = (): void => {};

/** Two nodes on one database, both with the same session in their cache. */
async function twoNodes(world: StoreWorld, makeBus: (node: string) => InvalidationBus) {
  const project = await world.project();
  const user = await project.person();
  const session = await project.session(user.id);
  const node = async (name: string) => {
    const bus = makeBus(name);
    const cache = createSessionCache(10);
    const store = world.opened.forProject(project.id, { sessionCache: cache, bus });
    expect(cacheIsOn(cache)).toBe(false); // nothing is heard yet
    await bus.start();
    const fill = async () => {
      const epoch = cache.epoch();
      cache.put('digest', (await store.read.sessions.findByTokenHash(session.tokenHash))!, epoch);
    };
    await fill();
    return { bus, cache, store, fill, knows: () => cache.get('digest') !== undefined };
  };
  const noImages = { imageKey: null, bannerKey: null };
  function cacheIsOn(cache: ReturnType<typeof createSessionCache>) {
    const person = { ...user, email: null, roles: [], factors: { totp: false, mailCode: false }, ...noImages };
    const live = { session, user: person, notedAt: session.lastUsedAt, rendered: {} };
    cache.put('probe', live, cache.epoch());
    return cache.get('probe') !== undefined;
  }
  const [here, there] = [await node('here'), await node('there')];
  return { project, user, session, here, there, close: () => Promise.all([here.bus.close(), there.bus.close()]) };
}

/** What a bus promises, over a real line. */
function promises(world: StoreWorld, makeBus: (node: string) => InvalidationBus) {
  test('what one node changes the other forgets', async () => {
    const { user, here, there, close } = await twoNodes(world, makeBus);
    expect(there.knows()).toBe(true);
    await here.store.transaction((tx) => tx.users.update(user.id, { bannedAt: NOW }, NOW));
    expect(here.knows()).toBe(false); // at once
    await vi.waitFor(() => expect(there.knows()).toBe(false), { timeout: 1_000, interval: 5 });
    await close();
  });

  test('an ended session is forgotten everywhere', async () => {
    const { session, here, there, close } = await twoNodes(world, makeBus);
    await there.store.transaction((tx) => tx.sessions.end(session.id));
    expect(there.knows()).toBe(false);
    await vi.waitFor(() => expect(here.knows()).toBe(false), { timeout: 1_000, interval: 5 });
    await close();
  });

  test('that a project changed is heard, and what its members do is no such change', async () => {
    const { project, user, here, there, close } = await twoNodes(world, makeBus);
    const heard: string[] = [];
    for (const [name, { bus }] of Object.entries({ here, there })) {
      bus.attach(project.id, {
        ...{ dropUser: silent, dropSession: silent, dropAll: silent, setEnabled: silent },
        configChanged: () => heard.push(name),
      });
    }
    await here.store.transaction((tx) => tx.users.update(user.id, { bannedAt: NOW }, NOW));
    await here.store.transaction((tx) => tx.project.setOverrides('environment', { 'auth.allowSignUp': true }, NOW));
    await vi.waitFor(() => expect(heard).toEqual(['there']), { timeout: 1_000, interval: 5 });
    await close();
  });

  test('what was rolled back is not told', async () => {
    const { user, session, here, there, close } = await twoNodes(world, makeBus);
    const broken = here.store.transaction(async (tx) => {
      await tx.users.update(user.id, { bannedAt: NOW }, NOW);
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    // A later message shows that an earlier one would have come by now: lines keep their order.
    const other = await here.store.transaction(async (tx) => {
      await tx.sessions.extend(session.id, NOW, NOW, NOW);
      return 'told';
    });
    expect(other).toBe('told');
    await vi.waitFor(() => expect(there.knows()).toBe(false), { timeout: 1_000, interval: 5 });
    await close();
  });
}

onEveryEngine('Nodes over Redis', (world) => {
  describe.skipIf(!redisAnswers)('pub/sub', () => {
    const name = `test:${randomUUID()}`;
    promises(world, (node) => redisBus(redisUrl, node, silent, name));
  });
});

onEveryEngine('Nodes over PostgreSQL', (world, engine) => {
  describe.skipIf(engine.name !== 'postgres')('LISTEN and NOTIFY', () => {
    promises(world, (node) => postgresBus(world.database.config as PostgresConfig, node, silent, world.opened.notify));

    test('a node whose line breaks uses no cache until it hears again, and then starts empty', async () => {
      const config = world.database.config as PostgresConfig;
      const { there, close } = await twoNodes(world, (node) => postgresBus(config, node, silent, world.opened.notify));
      const switched = vi.spyOn(there.cache, 'setEnabled');
      const admin = new Client({ connectionString: config.url });
      await admin.connect();
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
        [channelName(config.schema)],
      );
      await admin.end();
      await vi.waitFor(() => expect(switched.mock.calls.map(([on]) => on)).toEqual([false, true]), { timeout: 5_000 });
      expect(there.knows()).toBe(false);
      await there.fill();
      expect(there.knows()).toBe(true);
      await close();
    });

    test('a line to another database is noticed: the cache stays off, and the fault says which setting is wrong', async () => {
      const elsewhere = new URL(postgresUrl);
      elsewhere.pathname = '/postgres';
      const config = { ...(world.database.config as PostgresConfig), directUrl: elsewhere.href };
      const told: string[] = [];
      const report = (_what: string, fault: unknown) => void told.push((fault as Error).message);
      const bus = postgresBus(config, 'here', report, world.opened.notify);
      const cache = createSessionCache(10);
      const switched = vi.spyOn(cache, 'setEnabled');
      bus.attach('any', cache);
      await bus.start();
      expect(switched.mock.calls).toEqual([[false]]);
      expect(told).toEqual([
        expect.stringContaining('over DATABASE_DIRECT_URL, which must lead past every pooler to the database of'),
      ]);
      await bus.close();
    });
  });
});

describe('Losing the line', () => {
  /** A channel whose line is in the test's hands. */
  function handheld() {
    const lines: { message(text: string): void; lost(fault: unknown): void }[] = [];
    const channel: Channel = {
      async open(on) {
        lines.push(on);
        return { ping: async () => {}, close: async () => {} };
      },
    };
    return { channel, lines };
  }
  const cacheSpy = () => {
    const cache = createSessionCache(1);
    return { cache, calls: vi.spyOn(cache, 'setEnabled').mock.calls, drops: vi.spyOn(cache, 'dropUser').mock.calls };
  };

  test('switches caches off at once and on again with the next line', async () => {
    const { channel, lines } = handheld();
    const listener = invalidationListener(channel, 'here', silent);
    const { cache, calls } = cacheSpy();
    listener.attach('p', cache);
    await listener.start();
    lines[0]!.lost(new Error('gone'));
    expect(calls).toEqual([[false], [true], [false]]);
    await vi.waitFor(() => expect(calls.at(-1)).toEqual([true]));
    await listener.close();
  });

  test('a node does not listen to itself, nor to other projects', async () => {
    const { channel, lines } = handheld();
    const listener = invalidationListener(channel, 'here', silent);
    const { cache, drops } = cacheSpy();
    listener.attach('p', cache);
    await listener.start();
    const say = (node: string, project: string) =>
      lines[0]!.message(JSON.stringify({ node, project, users: ['u'], sessions: [] }));
    say('here', 'p');
    say('there', 'q');
    expect(drops).toEqual([]);
    say('there', 'p');
    expect(drops).toEqual([['u']]);
    await listener.close();
  });

  test('a message fits a notification of PostgreSQL; very many ids become "all"', () => {
    const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
    const parts = messages('node', { projectId: randomUUID(), users: ids(3), sessions: ids(1_000) });
    expect(parts.flatMap(({ sessions }) => sessions)).toHaveLength(1_000);
    for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(8_000);
    expect(messages('node', { projectId: 'p', users: [], sessions: ids(5_000) })).toMatchObject([{ all: true }]);
  });
});
