import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { days, hours, seconds, systemClock } from '../../../src/base/clock.ts';
import { Raw } from '../../../src/http/kit/answer.ts';
import { clientAddressBehind } from '../../../src/http/kit/client-address.ts';
import { openShortcuts, type Shortcut, type Taken } from '../../../src/http/kit/shortcuts.ts';
import { memoryLimiter } from '../../../src/store/limiter/memory-limiter.ts';
import { type Member, onOneEngine, rawRequest, type Stage } from '../../kit/stage.ts';

const path = '/better-auth/api/auth/get-session';
/** The same question as the framework answers it. */
const usualWay = `${path}?`;

async function asker(stage: Stage, member: Member) {
  const cookie = await member.browser.jar.getCookieString(stage.world.betterAuthUrl);
  return (target = path, headers: Record<string, string> = {}) =>
    rawRequest(stage.world.url, target, { headers: { cookie, ...headers } });
}

const counted = async (stage: Stage): Promise<number> => {
  const { payload } = await stage.world.app.http.inject({ url: '/metrics' });
  const line = payload
    .split('\n')
    .find((each) => each.startsWith(`latchkey_http_answers_total{method="GET",route="${path}"`));
  return Number(line?.split(' ')[1] ?? 0);
};

onOneEngine('a session check answered from memory', {}, (stage) => {
  test('is the answer that routing gives, header for header', async () => {
    const ask = await asker(stage, await stage.member());
    const { headers: first } = await ask(usualWay);
    for (const target of [path, path, usualWay]) {
      const { headers, status, text } = await ask(target);
      expect(status).toBe(200);
      expect(JSON.parse(text).user.name).toBe('Ada');
      expect(Object.keys(headers)).toEqual(Object.keys(first));
      expect({ ...headers, 'x-request-id': '', date: '' }).toEqual({ ...first, 'x-request-id': '', date: '' });
    }
  });

  test('has a request id of its own, is counted once and logged once', async () => {
    const ask = await asker(stage, await stage.member());
    await ask();
    const before = await counted(stage);
    stage.world.logged.length = 0;
    const ids = [await ask(), await ask(), await ask(usualWay)].map(({ headers }) => headers['x-request-id']);
    expect(new Set(ids).size).toBe(3);
    expect(await counted(stage)).toBe(before + 3);
    const lines = stage.world.logged.map((line) => JSON.parse(line)).filter(({ route }) => route === path);
    expect(lines.map(({ request, method, status }) => ({ request, method, status }))).toEqual(
      ids.map((request) => ({ request, method: 'GET', status: 200 })),
    );
  });

  test('ends with the session, on the next request', async () => {
    const member = await stage.member();
    const ask = await asker(stage, member);
    await ask();
    await member.browser.post('/sign-out');
    expect((await ask()).text).toBe('null');
  });

  test('ends with a ban, on the next request', async () => {
    const member = await stage.member();
    const ask = await asker(stage, member);
    await ask();
    await stage.ban(member.id, 60);
    expect((await ask()).text).toBe('null');
  });

  test('tells of a change of the person at once', async () => {
    const member = await stage.member();
    const ask = await asker(stage, member);
    await ask();
    await member.browser.post('/update-user', { name: 'Countess' });
    expect(JSON.parse((await ask()).text).user.name).toBe('Countess');
  });

  test('leaves a session to be extended to the usual way, which sends the cookie again', async () => {
    const ask = await asker(stage, await stage.member());
    await ask();
    stage.world.clock.advance(days(1) + hours(1));
    expect((await ask()).headers['set-cookie']).toHaveLength(1);
    expect((await ask()).headers['set-cookie']).toBeUndefined();
    stage.world.clock.advance(days(8));
    expect((await ask()).text).toBe('null');
  });

  test('is not for a cookie whose signature is wrong, nor for bearers, keys, other methods and other origins', async () => {
    const member = await stage.member();
    const ask = await asker(stage, member);
    await ask();
    const forged = `better-auth.session_token=${member.token}.${'A'.repeat(43)}%3D`;
    expect((await ask(path, { cookie: forged })).text).toBe('null');
    expect((await ask(path, { authorization: `Bearer ${member.token}`, cookie: '' })).text).toContain('Ada');
    const { origin } = new URL(stage.world.url);
    expect((await ask(path, { origin })).headers['access-control-allow-origin']).toBe(origin);
    const posted = await rawRequest(stage.world.url, path, { method: 'POST', headers: { origin } });
    expect(posted.status).toBe(405);
  });
});

onOneEngine(
  'front limits of a session check',
  { development: false, http: { limits: true, trustedProxies: ['127.0.0.1'] } },
  (stage) => {
    test('count requests answered from memory, per network, together with the others', async () => {
      const ask = await asker(stage, await stage.member());
      const from = (ip: string, target?: string) => ask(target, { 'x-forwarded-for': ip });
      const statuses: number[] = [];
      for (let count = 0; count < 100; count += 1) {
        statuses.push((await from('198.51.100.7', count % 2 === 0 ? path : usualWay)).status);
      }
      expect(new Set(statuses)).toEqual(new Set([200]));
      const refused = await from('198.51.100.7');
      expect(refused.status).toBe(429);
      expect(refused.headers['retry-after']).toBe('10');
      expect((await from('198.51.100.8')).status).toBe(200);
      stage.world.clock.advance(seconds(10));
      expect((await from('198.51.100.7')).status).toBe(200);
    });
  },
);

describe('shortcuts', () => {
  async function world(shortcuts: readonly Partial<Shortcut>[]) {
    const taken: Taken[] = [];
    const opened = openShortcuts({
      clientAddress: clientAddressBehind([]),
      nextId: () => 'id',
      standing: [],
      onTaken: (one) => taken.push(one),
    });
    for (const shortcut of shortcuts) {
      opened.add({ host: null, url: '/a', limit: null, answer: () => ready('from memory'), ...shortcut });
    }
    const server = createServer((request, response) => {
      if (!opened.take(request, response)) response.end('usual way');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      taken,
      opened,
      ask: async (target = '/a', headers: Record<string, string> = {}) =>
        (await rawRequest(url, target, { headers })).text,
      [Symbol.asyncDispose]: async () => void server.close(),
    };
  }
  const ready = (text: string) => ({ status: 200, body: new Raw(text), headers: {} });

  test('are for one path, written as it is', async () => {
    await using at = await world([{}]);
    for (const target of ['/a?', '/a?b', '/a/', '//a', '/A', '/%61', `http://127.0.0.1/a`]) {
      expect([target, await at.ask(target)]).toEqual([target, 'usual way']);
    }
    expect(await at.ask('/a')).toBe('from memory');
    expect(at.taken).toMatchObject([{ id: 'id', route: '/a', status: 200, ip: '127.0.0.1' }]);
  });

  test('of a mount on a host answer there alone, and before those of every host', async () => {
    await using one = await world([{ host: 'auth.example' }]);
    expect(await one.ask('/a')).toBe('usual way');
    expect(await one.ask('/a', { host: 'auth.example' })).toBe('from memory');
    await using two = await world([{ answer: () => ready('everywhere') }, { host: 'auth.example' }]);
    expect(await two.ask('/a')).toBe('everywhere');
    expect(await two.ask('/a', { host: 'auth.example' })).toBe('from memory');
  });

  test('that fail are left to the usual way', async () => {
    await using at = await world([
      {
        answer: () => {
          throw new Error('the disk is gone');
        },
      },
    ]);
    expect(await at.ask()).toBe('usual way');
    expect(at.taken).toEqual([]);
  });

  test('that cannot be counted at once are left to the usual way', async () => {
    const rule = { name: 'any', windowSeconds: 1, max: 1 };
    const limiter = { ...memoryLimiter(systemClock()), hitNow: () => null };
    await using at = await world([{ limit: { limiter, rule } }]);
    expect(await at.ask()).toBe('usual way');
  });

  test('answer nothing once the server is closing', async () => {
    await using at = await world([{}]);
    at.opened.close();
    expect(await at.ask()).toBe('usual way');
  });
});
