import { describe, expect, test } from 'vitest';
import { seconds } from '../../../src/base/clock.ts';
import { asSystem } from '../../../src/core/acting.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { recordEvent } from '../../../src/core/audit/record-event.ts';
import {
  type AxumKitStage,
  axumKitOnEveryEngine,
  expectError,
  expectStatus,
  type Resident,
} from '../../kit/axumkit.ts';
import { openStream, type Stream } from '../../kit/event-source.ts';

const streamUrl = (kit: AxumKitStage, query = '') => `${kit.url}/v0/eventstream/actions${query}`;

/** From a network of its own, as browsers of the stage are. */
const open = async (
  kit: AxumKitStage,
  options: { query?: string; lastEventId?: string | null; cookie?: string } = {},
) => {
  const { headers } = kit.browser(options.cookie ? { cookie: options.cookie } : {});
  const { lastEventId = null } = options;
  return openStream(streamUrl(kit, options.query), { headers, lastEventId });
};
const edit = async ({ browser }: Pick<Resident, 'browser'>, bio: string) =>
  expectStatus(await browser.send('PATCH', '/v0/user/me', { bio }), 200);

/** Public events as profile changes make them, without the profile changes. */
const record = (kit: AxumKitStage, subject: string, count: number) => {
  const ctx = kit.world.app.mainProject.context('axumkit');
  return asSystem(ctx, async (tx) => {
    for (let n = 0; n < count; n += 1) {
      await recordEvent(ctx, tx, systemActor, { type: 'account.image_changed', subject, data: {} });
    }
  });
};
const logged = async (kit: AxumKitStage, query = 'limit=100') =>
  (await kit.browser().get(`/v0/action-logs?${query}`)).body.data;

axumKitOnEveryEngine('event stream (spec §3.7)', {}, (kit) => {
  test('headers at once and no first event; then each event in upstream’s bytes', async () => {
    const resident = await kit.resident();
    const stream = await open(kit);
    expect(stream.status).toBe(200);
    expect(stream.headers['content-type']).toBe('text/event-stream');
    expect(stream.headers['cache-control']).toBe('no-cache');
    expect(stream.headers['x-accel-buffering']).toBe('no');
    expect(stream.text()).toBe('');
    await edit(resident, 'one');
    await stream.arrived(1);
    const [line] = await logged(kit, 'limit=1');
    expect(line).toMatchObject({ action: 'user:edit', actor_id: resident.id, actor_ip: null, metadata: {} });
    expect(stream.text()).toBe(`event: action_log\nid: ${line.id}\ndata: ${JSON.stringify(line)}\n\n`);
    await edit(resident, 'two');
    await stream.arrived(2);
    await stream.close();
  });

  test('after 15 s of silence a bare comment, and again 15 s later; an event puts it off', async () => {
    const { clock, app } = kit.world;
    const resident = await kit.resident();
    const stream = await open(kit);
    clock.advance(seconds(14));
    app.beat();
    await edit(resident, 'x');
    await stream.arrived(1);
    clock.advance(seconds(14));
    app.beat();
    clock.advance(seconds(1));
    app.beat();
    app.beat();
    await stream.said(':\n\n');
    clock.advance(seconds(15));
    app.beat();
    await stream.said(':\n\n:\n\n');
    await edit(resident, 'y');
    await stream.arrived(2);
    expect(stream.text().match(/^:$/gm)).toHaveLength(2);
    await stream.close();
  });

  test('HEAD has the headers and opens nothing', async () => {
    const { streams } = kit.world.app.http;
    await until(() => streams.count() === 0);
    const reply = await kit.browser().send('HEAD', '/v0/eventstream/actions');
    expectStatus(reply, 200);
    expect(reply.headers.get('content-type')).toBe('text/event-stream');
    expect(streams.count()).toBe(0);
  });

  test('an event of a transaction that was rolled back is never seen', async () => {
    const { id } = await kit.resident();
    const stream = await open(kit);
    const ctx = kit.world.app.mainProject.context('axumkit');
    const broken = asSystem(ctx, async (tx) => {
      await recordEvent(ctx, tx, systemActor, { type: 'account.image_changed', subject: id, data: {} });
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    await record(kit, id, 1);
    const [event] = await stream.arrived(1);
    expect(event!.id).toBe((await logged(kit, 'limit=1'))[0].id);
    await stream.close();
  });

  describe('filters', () => {
    test('by who did it, whom it is about, type and action; all hold together', async () => {
      const [one, two] = [await kit.resident(), await kit.resident()];
      const streams = {
        [`?user_id=${one.id}`]: 1,
        [`?resource_id=${two.id}`]: 2,
        '?resource_type=User': 3,
        '?resource_type=Post': 0,
        '?actions=user:edit': 3,
        '?actions=user:create&actions=user:edit': 3,
        '?actions=user:create': 0,
        [`?user_id=${one.id}&resource_id=${two.id}`]: 0,
        [`?user_id=${one.id.replaceAll('-', '')}&actions=user:edit`]: 1,
      };
      const opened = await Promise.all(
        Object.entries(streams).map(async ([query, count]) => ({ query, count, stream: await open(kit, { query }) })),
      );
      const all = await open(kit);
      await edit(one, 'a');
      await edit(two, 'b');
      await edit(two, 'c');
      await all.arrived(3);
      // What is said after the events shows that no other is on its way.
      kit.world.clock.advance(seconds(15));
      kit.world.app.beat();
      for (const { query, count, stream } of opened) {
        await stream.said(':\n\n');
        expect(stream.events().length, query).toBe(count);
        await stream.close();
      }
      await all.close();
    });

    const bad = [
      'user_id=',
      'user_id=x',
      'resource_id=',
      'resource_type=',
      'resource_type=user',
      'actions=x',
      'user_id=%00',
    ];
    for (const query of [...bad, 'resource_type=User&resource_type=User']) {
      test(`${query}: 400 in plain text (spec §1.6)`, async () => {
        const reply = await kit.browser().get(`/v0/eventstream/actions?${query}`);
        expect(reply.status).toBe(400);
        expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
        expect(reply.text).toMatch(/^Failed to deserialize query string/);
      });
    }
  });

  describe('Last-Event-ID', () => {
    test('goes on after that event, with what was missed and then live', async () => {
      const resident = await kit.resident();
      const first = await open(kit);
      await edit(resident, 'seen');
      const [seen] = await first.arrived(1);
      await first.close();
      await edit(resident, 'missed 1');
      await edit(resident, 'missed 2');
      const second = await open(kit, { lastEventId: seen!.id });
      await second.arrived(2);
      await edit(resident, 'live');
      const events = await second.arrived(3);
      expect(events.map(({ id }) => id)).toEqual(
        (await logged(kit, 'limit=3')).map(({ id }: { id: string }) => id).reverse(),
      );
      await second.close();
    });

    test('keeps to the filter', async () => {
      const [one, two] = [await kit.resident(), await kit.resident()];
      const [{ id: start }] = await logged(kit, 'limit=1');
      await edit(one, 'a');
      await edit(two, 'b');
      const stream = await open(kit, { lastEventId: start, query: `?user_id=${two.id}` });
      await edit(one, 'c');
      await edit(two, 'd');
      const events = await stream.arrived(2);
      expect(events.map(({ data }) => data.actor_id)).toEqual([two.id, two.id]);
      await stream.close();
    });

    for (const [what, lastEventId] of [
      ['an unknown one', '01900000-0000-7000-8000-000000000000'],
      ['one that is no id', "'; drop table event"],
      ['one that is empty', ''],
    ] as const) {
      test(`${what} begins now`, async () => {
        const resident = await kit.resident();
        const stream = await open(kit, { lastEventId });
        expect(stream.status).toBe(200);
        await edit(resident, 'now');
        await stream.arrived(1);
        expect(stream.events()).toHaveLength(1);
        await stream.close();
      });
    }

    test('the id of an event that is not public tells nothing of it', async () => {
      const resident = await kit.resident();
      const events = await kit.world.app.mainProject.store.read.events.listOf(resident.id, { limit: 9 });
      const hidden = events.find(({ visibility }) => visibility === 'user')!;
      const stream = await open(kit, { lastEventId: hidden.id });
      await edit(resident, 'now');
      expect(await stream.arrived(1)).toHaveLength(1);
      await stream.close();
    });

    test('a long absence is made up for in parts: the stream ends, and the reader comes back for the rest', async () => {
      const { id } = await kit.resident();
      const [{ id: start }] = await logged(kit, 'limit=1');
      for (let n = 0; n < 23; n += 1) await record(kit, id, 100);
      const seen: string[] = [];
      let lastEventId: string | null = start;
      let connections = 0;
      while (seen.length < 2300) {
        const stream: Stream = await open(kit, { lastEventId });
        connections += 1;
        await Promise.race([stream.ended, stream.arrived(2300 - seen.length).catch(() => {})]);
        seen.push(...stream.events().map((event) => event.id));
        lastEventId = stream.lastId();
        await stream.close();
      }
      expect(connections).toBe(3);
      expect(new Set(seen).size).toBe(2300);
    });

    test('… also by a reader whose filter passes nothing of it', async () => {
      const { id } = await kit.resident();
      const other = await kit.resident();
      const [{ id: start }] = await logged(kit, 'limit=1');
      for (let n = 0; n < 11; n += 1) await record(kit, id, 100);
      const query = `?resource_id=${other.id}`;
      const first = await open(kit, { lastEventId: start, query });
      await first.ended;
      expect(first.events()).toEqual([]);
      expect(first.lastId()).not.toBeNull();
      const second = await open(kit, { lastEventId: first.lastId(), query });
      await edit(other, 'at last');
      expect(await second.arrived(1)).toHaveLength(1);
      await second.close();
    });
  });

  describe('ends with the viewer’s right (rule 18)', () => {
    const cookieOf = async ({ browser }: Resident) => `session_id=${await browser.cookie('session_id')}`;

    test('at sign-out; other streams of the same person and of others stay', async () => {
      const viewer = await kit.resident();
      const other = await kit.resident();
      const second = await kit.signIn(viewer.email);
      const mine = await open(kit, { cookie: await cookieOf(viewer) });
      const elsewhere = await open(kit, { cookie: `session_id=${await second.cookie('session_id')}` });
      const anonymous = await open(kit);
      expectStatus(await viewer.browser.post('/v0/auth/logout'), 204);
      await mine.ended;
      await edit(other, 'still here');
      await elsewhere.arrived(1);
      await anonymous.arrived(1);
      await elsewhere.close();
      await anonymous.close();
    });

    test('when the person is banned', async () => {
      const viewer = await kit.resident();
      const stream = await open(kit, { cookie: await cookieOf(viewer) });
      await kit.stage.ban(viewer.id);
      await stream.ended;
    });

    test('when the person is deactivated', async () => {
      const viewer = await kit.resident();
      const stream = await open(kit, { cookie: await cookieOf(viewer) });
      await kit.stage.deactivate(viewer.id);
      await stream.ended;
    });

    test('when the session runs out', async () => {
      const viewer = await kit.resident();
      const stream = await open(kit, { cookie: await cookieOf(viewer) });
      kit.world.clock.advance(seconds(31 * 86_400));
      kit.world.app.checkStreams();
      await stream.ended;
    });

    test('a token that is worth nothing opens a stream for anybody', async () => {
      const resident = await kit.resident();
      const stream = await open(kit, { cookie: 'session_id=nothing' });
      await edit(resident, 'x');
      await stream.arrived(1);
      await stream.close();
    });
  });
});

const few = { 'streams.perPerson': 2, 'streams.perAddress': 3, 'streams.perNode': 5 };
axumKitOnEveryEngine('caps on streams', { policy: few }, (kit) => {
  const refused = async (headers: Record<string, string>) =>
    expectError(await kit.browser(headers).get('/v0/eventstream/actions'), 429, 'rate_limit:exceeded');

  test('by address, which is /64 of IPv6; a closed one makes room', async () => {
    const from = (ip: string) => openStream(streamUrl(kit), { headers: { 'x-forwarded-for': ip } });
    const streams = [await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::3')];
    await refused({ 'x-forwarded-for': '2001:db8::4' });
    const other = await from('2001:db8:0:1::1');
    await streams[0]!.close();
    await until(() => kit.world.app.http.streams.count() === 3);
    streams[0] = await from('2001:db8::4');
    await Promise.all([...streams, other].map((stream) => stream.close()));
    await until(() => kit.world.app.http.streams.count() === 0);
  });

  test('by person, over their sessions', async () => {
    const viewer = await kit.resident();
    const again = await kit.signIn(viewer.email);
    const tokens = [await viewer.browser.cookie('session_id'), await again.cookie('session_id')];
    const streams = await Promise.all(tokens.map((token) => open(kit, { cookie: `session_id=${token}` })));
    await refused({ cookie: `session_id=${tokens[0]}` });
    await Promise.all(streams.map((stream) => stream.close()));
    await until(() => kit.world.app.http.streams.count() === 0);
  });

  test('altogether, also when they come at once', async () => {
    const opened = await Promise.all(Array.from({ length: 12 }, () => open(kit)));
    expect(kit.world.app.http.streams.count()).toBeLessThanOrEqual(5);
    expect(opened.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
    await Promise.all(opened.map((stream) => stream.close()));
    await until(() => kit.world.app.http.streams.count() === 0);
  });
});

axumKitOnEveryEngine('axumkit.publicLog: off', { policy: { 'axumkit.publicLog': 'off' } }, (kit) => {
  test('the stream is there and says nothing', async () => {
    const resident = await kit.resident();
    const stream = await open(kit);
    await edit(resident, 'x');
    kit.world.clock.advance(seconds(15));
    kit.world.app.beat();
    await stream.said(':\n\n');
    expect(stream.events()).toEqual([]);
    await stream.close();
  });
});

axumKitOnEveryEngine('stopping', {}, (kit) => {
  test('ends the streams, and does not wait for their readers', async () => {
    const stream = await open(kit);
    const idle = await open(kit);
    idle.pause();
    await kit.world.app.http.close();
    await stream.ended;
    expect(stream.text()).toBe('');
    expect(kit.world.app.http.streams.count()).toBe(0);
  });
});

/** Lets sockets do their work until it is so. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
