import { describe, expect, test } from 'vitest';
import { seconds } from '../../../src/base/clock.ts';
import { onEveryEngine, rawRequest } from '../../kit/stage.ts';

let people = 0;
/** Another account each time: what is counted per account is not what these tests are about. */
const aBody = () => ({
  email: `nobody${++people}@example.com`,
  password: 'wrong one',
  name: 'A',
  username: `nobody${people}`,
});

onEveryEngine(
  'front limits (spec §1.10)',
  { development: false, http: { limits: true, trustedProxies: ['127.0.0.1', '10.0.0.0/8'] } },
  (stage) => {
    const from = (ip: string, path = '/sign-in/email', method = 'POST') =>
      rawRequest(stage.world.url, `/better-auth/api/auth${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'x-forwarded-for': ip },
        ...(method === 'POST' && { body: JSON.stringify(aBody()) }),
      });
    const statuses = async (ip: string, times: number, path?: string, method?: string) => {
      const found: number[] = [];
      for (let count = 0; count < times; count += 1) found.push((await from(ip, path, method)).status);
      return found;
    };
    const limited = (found: readonly number[]) => found.filter((status) => status === 429).length;
    let hosts = 0;
    const aHost = () => `198.51.${++hosts}.7`;

    test('the fourth sign-in within ten seconds is 429, with both headers and the message', async () => {
      const ip = aHost();
      expect(await statuses(ip, 3)).toEqual([401, 401, 401]);
      stage.world.clock.advance(seconds(4));
      const reply = await from(ip);
      expect(reply.status).toBe(429);
      expect(reply.headers).toMatchObject({
        'x-retry-after': '6',
        'retry-after': '6',
        'content-type': 'application/json',
      });
      expect(JSON.parse(reply.text)).toMatchObject({ message: 'Too many requests. Please try again later.' });
    });

    test('free again exactly at the edge of the window', async () => {
      const ip = aHost();
      await statuses(ip, 4);
      stage.world.clock.advance(seconds(10) - 1);
      expect(await statuses(ip, 1)).toEqual([429]);
      stage.world.clock.advance(1);
      expect(await statuses(ip, 1)).toEqual([401]);
    });

    test('one count per path; the query is not part of it; nor are other spellings of the path', async () => {
      const ip = aHost();
      expect(limited(await statuses(ip, 3))).toBe(0);
      expect(limited(await statuses(ip, 1, '/sign-in/email?x=1'))).toBe(1);
      expect(await statuses(ip, 3, '/sign-in/username')).toEqual([401, 401, 401]);
      for (const path of [
        '//sign-in/email',
        '/sign-in/email/',
        '/SIGN-IN/email',
        '/sign-in//email',
        '/./sign-in/email',
        '/sign-in%2Femail',
      ]) {
        expect((await from(ip, path)).status, path).toBe(404);
      }
      expect((await from(ip, '/sign-in/%65mail')).status).toBe(429); // the same path to the router, and to the limit
    });

    test.each([
      ['/sign-up/email', 10, 3],
      ['/change-password', 10, 3],
      ['/change-email', 10, 3],
      ['/verify-password', 10, 3],
      ['/two-factor/verify-totp', 10, 3],
      ['/request-password-reset', 60, 3],
      ['/forget-password', 60, 3],
      ['/send-verification-email', 60, 3],
      ['/sign-in/magic-link', 60, 3],
      ['/sign-in/email-otp', 60, 3],
      ['/magic-link/verify', 60, 5],
      ['/email-otp/send-verification-otp', 60, 3],
      ['/email-otp/check-verification-otp', 60, 3],
      ['/forget-password/email-otp', 60, 3],
    ])('%s: %i seconds, %i requests', async (path, windowSeconds, max) => {
      const ip = aHost();
      expect(limited(await statuses(ip, max + 1, path))).toBe(1);
      stage.world.clock.advance(seconds(windowSeconds) - 1);
      expect(limited(await statuses(ip, 1, path))).toBe(1);
      stage.world.clock.advance(1);
      expect(limited(await statuses(ip, 1, path))).toBe(0);
    });

    test('everything else: a hundred in ten seconds', async () => {
      const found = await statuses(aHost(), 101, '/ok', 'GET');
      expect([limited(found), found.at(-1)]).toEqual([1, 429]);
    });

    test('of many at the last slots at once exactly three pass', async () => {
      const ip = aHost();
      const replies = await Promise.all(Array.from({ length: 12 }, () => from(ip)));
      expect(limited(replies.map(({ status }) => status))).toBe(9);
    });

    test('a refused request is refused before its body is read', async () => {
      const ip = aHost();
      await statuses(ip, 3);
      const reply = await rawRequest(stage.world.url, '/better-auth/api/auth/sign-in/email', {
        method: 'POST',
        headers: { 'content-type': 'text/plain', 'x-forwarded-for': ip },
        body: 'not even JSON',
      });
      expect(reply.status).toBe(429);
    });

    describe('who is counted (rule 21)', () => {
      test('the right-most address that is no proxy; what a client wrote before it counts for nothing', async () => {
        const ip = aHost();
        expect(limited(await statuses(ip, 3))).toBe(0);
        expect((await from(`1.2.3.4, ${ip}`)).status).toBe(429);
        expect((await from(`5.6.7.8, ${ip}, 10.1.2.3`)).status).toBe(429);
      });

      test('IPv6: one count per /64, however it is written; mapped IPv4 is IPv4', async () => {
        expect(limited(await statuses('2001:db8:1:2::1', 3))).toBe(0);
        expect((await from('2001:0DB8:0001:0002:ffff:0:0:9')).status).toBe(429);
        expect((await from('2001:db8:1:3::1')).status).toBe(401);
        const ip = aHost();
        expect(limited(await statuses(ip, 3))).toBe(0);
        expect((await from(`::ffff:${ip}`)).status).toBe(429);
      });

      test('an address with a port is the address: another port is no other client', async () => {
        const ip = aHost();
        for (const port of [40_001, 40_002, 40_003]) expect((await from(`${ip}:${port}`)).status).toBe(401);
        expect((await from(`${ip}:40004`)).status).toBe(429);
        expect((await from('[2001:db8:5::1]:1')).status).toBe(401);
        expect(limited(await statuses('[2001:db8:5::1]:2', 2))).toBe(0);
        expect((await from('2001:db8:5::1')).status).toBe(429);
      });

      test('text that is no address opens no count of its own: the proxy’s is used', async () => {
        const found: number[] = [];
        for (const text of ['unknown', '_hidden', 'x'.repeat(200), '']) found.push((await from(text)).status);
        expect(found).toEqual([401, 401, 401, 429]);
      });
    });
  },
);

onEveryEngine(
  'front limits without a proxy',
  { development: false, http: { limits: true, trustedProxies: [] } },
  (stage) => {
    test('a forwarded address of a stranger is no key: the connection is', async () => {
      const found: number[] = [];
      for (let count = 0; count < 4; count += 1) {
        const reply = await stage.browser({ 'x-forwarded-for': `198.51.100.${count}` }).post('/sign-in/email', aBody());
        found.push(reply.status);
      }
      expect(found).toEqual([401, 401, 401, 429]);
    });
  },
);

onEveryEngine('front limits in development', { development: true, http: { limits: true } }, (stage) => {
  test('are off, as upstream’s are; the limits of an account hold', async () => {
    const browser = stage.browser();
    for (let count = 0; count < 6; count += 1) {
      expect((await browser.post('/sign-up/email', aBody())).status).toBe(200);
    }
    const { email } = aBody();
    const found: number[] = [];
    for (let count = 0; count < 11; count += 1) {
      found.push((await browser.post('/sign-in/email', { email, password: 'wrong one' })).status);
    }
    expect(found).toEqual([...Array(10).fill(401), 429]);
  });
});
