import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { recordEvent } from '../../../src/core/audit/record-event.ts';
import { createSessionCache } from '../../../src/core/sessions/session-cache.ts';
import { banUser } from '../../../src/core/users/ban-user.ts';
import { channelName } from '../../../src/store/invalidation/postgres-bus.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { PostgresConfig } from '../../../src/store/postgres/postgres-config.ts';
import { Browser } from '../../kit/browser.ts';
import { engines, type TestDatabase } from '../../kit/engines.ts';
import { openStream } from '../../kit/event-source.ts';
import { seededRandom } from '../../kit/random.ts';
import { redisAnswers, redisUrl } from '../../kit/redis.ts';
import { createWorld, type World } from '../../kit/world.ts';

const postgres = engines.find(({ name }) => name === 'postgres');
const rolledBack = new Error('rolled back on purpose');

/** The same promises whichever line the nodes talk over. */
function twoNodes(line: string, options: { readonly redisUrl?: string }): void {
  describe(`Two nodes over ${line}`, () => {
    let database: TestDatabase;
    let nodes: readonly World[];
    let subject: string;
    let person: Browser;

    beforeAll(async () => {
      database = await postgres!.create();
      const node = (seed: number) =>
        createWorld({
          ...options,
          database: database.config,
          seed,
          http: { trustedProxies: ['127.0.0.1'], publicUrl: 'http://127.0.0.1' },
          policy: { 'streams.perAddress': 1_000 },
        });
      nodes = [await node(1), await node(2)];
      person = new Browser(`${nodes[0]!.url}/axumkit`);
      person.headers.origin = 'http://127.0.0.1';
      const account = { email: 'ada@example.com', password: 'correct horse' };
      await person.post('/v0/users', { ...account, handle: 'ada_lovelace', display_name: 'Ada' });
      expect((await person.post('/v0/auth/login', account)).status).toBe(204);
      subject = (await person.get('/v0/user/me')).body.id;
    });
    afterAll(async () => {
      for (const node of nodes ?? []) await node.close();
      await database?.drop();
    });

    const open = (node: World, lastEventId: string | null, headers: Record<string, string> = {}) =>
      openStream(`${node.url}/axumkit/v0/eventstream/actions`, { lastEventId, headers });

    /** Ids in the order of commits. */
    const logged = async (): Promise<string[]> => {
      const rows = await database.rows('SELECT id FROM event WHERE position IS NOT NULL ORDER BY position');
      return rows.map(({ id }) => id as string);
    };

    /** One transaction with some public events, or none in the end. */
    async function write(node: World, count: number, abort: boolean): Promise<void> {
      const ctx = node.app.mainProject.context('axumkit');
      await asSystem(ctx, async (tx) => {
        for (let n = 0; n < count; n += 1) {
          await recordEvent(ctx, tx, systemActor, { type: 'account.image_changed', subject, data: {} });
        }
        if (abort) throw rolledBack;
      }).catch((fault) => {
        if (fault !== rolledBack) throw fault;
      });
    }

    /** Follows the log over many short connections to either node, and tells what it saw. */
    async function wander(seed: string, from: string, total: Promise<number>): Promise<string[]> {
      const random = seededRandom(seed);
      const pick = (below: number) => random.bytes(1)[0]! % below;
      const seen: string[] = [];
      let all = Number.POSITIVE_INFINITY;
      total.then((known) => {
        all = known;
      });
      let lastEventId: string | null = from;
      while (seen.length < all) {
        const stream = await open(nodes[pick(2)]!, lastEventId);
        const goal = 1 + pick(25);
        const enough = total.then((known) => stream.arrived(Math.min(goal, known - seen.length)));
        await Promise.race([stream.arrived(goal), enough]).catch(() => {});
        await stream.close();
        seen.push(...stream.events().map(({ id }) => id));
        lastEventId = stream.lastId() ?? lastEventId;
      }
      return seen;
    }

    /** Follows over one connection. */
    async function stay(node: World, from: string, total: Promise<number>): Promise<string[]> {
      const stream = await open(node, from);
      const events = await stream.arrived(await total);
      await stream.close();
      return events.map(({ id }) => id);
    }

    test('what one node commits is streamed by both, once and in one order, over any number of reconnections', async () => {
      const before = await logged();
      const from = before.at(-1)!;
      const { promise: total, resolve: finished } = Promise.withResolvers<number>();
      const readers = [
        ...nodes.map((node) => stay(node, from, total)),
        ...['a', 'b', 'c', 'd'].map((seed) => wander(seed, from, total)),
      ];
      const writer = async (node: World, seed: string) => {
        const random = seededRandom(seed);
        for (let n = 0; n < 30; n += 1) {
          const [count, fate] = random.bytes(2);
          await write(node, 1 + (count! % 3), fate! % 8 === 0);
        }
      };
      const bios = async () => {
        for (let n = 0; n < 10; n += 1) {
          expect((await person.send('PATCH', '/v0/user/me', { bio: `bio ${n}` })).status).toBe(200);
        }
      };
      await Promise.all([
        ...nodes.flatMap((node, index) => ['x', 'y', 'z'].map((seed) => writer(node, `${seed}${index}`))),
        bios(),
      ]);
      const after = (await logged()).slice(before.length);
      finished(after.length);
      for (const seen of await Promise.all(readers)) expect(seen).toEqual(after);
      // Otherwise the test would prove nothing: ids alone do not give this order.
      expect(after).not.toEqual([...after].sort());
      expect(after.length).toBeGreaterThan(200);
    });

    test('positions have no gaps', async () => {
      const rows = await database.rows('SELECT position FROM event WHERE position IS NOT NULL ORDER BY position');
      expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index + 1));
    });

    test('a ban on one node ends the person’s streams on the other', async () => {
      const viewer = new Browser(`${nodes[1]!.url}/axumkit`);
      viewer.headers.origin = 'http://127.0.0.1';
      const account = { email: 'eve@example.com', password: 'correct horse' };
      await viewer.post('/v0/users', { ...account, handle: 'eve_online', display_name: 'Eve' });
      await viewer.post('/v0/auth/login', account);
      const { id } = (await viewer.get('/v0/user/me')).body;
      const stream = await open(nodes[1]!, null, { cookie: `session_id=${await viewer.cookie('session_id')}` });
      const here = nodes[0]!.app.mainProject.context('cli');
      await banUser(here, systemActor, { userId: id, reason: 'test', seconds: null });
      await stream.ended;
    });

    test.skipIf(options.redisUrl !== undefined)('a broken line between nodes loses nothing', async () => {
      const stream = await open(nodes[1]!, null);
      const admin = new Client({ connectionString: (database.config as PostgresConfig).url });
      await admin.connect();
      const before = await logged();
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
        [channelName((database.config as PostgresConfig).schema)],
      );
      for (let n = 0; n < 20; n += 1) await write(nodes[0]!, 1, false);
      await admin.end();
      // Nobody has to write anything more: what was missed is looked for when the line is back.
      const seen = await stream.arrived(20);
      expect(seen.map(({ id }) => id)).toEqual((await logged()).slice(before.length));
      await stream.close();
    });

    test('what no message told of is found by the next look', async () => {
      const stream = await open(nodes[1]!, null);
      // As a node would have done that died between COMMIT and the message.
      const bus = {
        attach() {},
        detach() {},
        beforeCommit: async () => {},
        afterCommit: async () => {},
        start: async () => {},
      };
      const ctx = nodes[0]!.app.mainProject.context('axumkit');
      const silent = await openStore(database.config, { clock: ctx.clock, ids: ctx.ids });
      const store = silent.forProject(ctx.project.id, {
        sessionCache: createSessionCache(1),
        bus: { ...bus, close: async () => {} },
      });
      await store.transaction((tx) =>
        recordEvent(ctx, tx, systemActor, { type: 'account.image_changed', subject, data: {} }),
      );
      await silent.close();
      nodes[1]!.app.checkStreams();
      expect((await stream.arrived(1))[0]!.id).toBe((await logged()).at(-1));
      await stream.close();
    });
  });
}

describe.skipIf(!postgres)('Event streams of several nodes (core map §1.8)', () => {
  twoNodes('PostgreSQL', {});
  if (redisAnswers) twoNodes('Redis', { redisUrl });
});
