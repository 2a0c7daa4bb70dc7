import { CookieJar } from 'tough-cookie';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cookieTwins, otherDomains } from '../../../src/http/kit/cookies.ts';
import { engines, type TestDatabase } from '../../kit/engines.ts';
import { createWorld, type World } from '../../kit/world.ts';

// A browser keeps one cookie for each domain, and sends all of a name: after `cookieDomain` was switched on or off there
// are two session cookies, and which comes first says nothing.

describe('the other places of a cookie', () => {
  test.each([
    ['id.example.com', null, ['id.example.com', 'example.com']],
    ['id.example.com', 'example.com', [null, 'id.example.com']],
    ['example.com', 'example.com', [null]],
    ['localhost', null, []],
    ['127.0.0.1', null, []],
  ] as const)('of %s with the domain %s', (host, domain, others) => {
    expect(otherDomains(host, domain)).toEqual(others);
  });

  test('every value of a name is found, and of no other name', () => {
    expect(cookieTwins('a=1; aa=2; a=%20x; b=3; a=4', 'a')).toEqual(['1', ' x', '4']);
    expect(cookieTwins(undefined, 'a')).toEqual([]);
    expect(cookieTwins(Array.from({ length: 100 }, () => 'a=1').join('; '), 'a')).toHaveLength(20);
  });
});

describe.each(['better-auth', 'axumkit'] as const)('session cookies of %s, when the domain changes', (dialect) => {
  let database: TestDatabase;
  /** The same installation with and without a domain. */
  let on: World;
  let off: World;
  const publicUrl = 'https://id.example.com';

  beforeAll(async () => {
    database = await engines[0]!.create();
    const domain = { cookieDomain: 'example.com' };
    const common = { database: database.config, http: { publicUrl } };
    off = await createWorld(common);
    on = await createWorld({ ...common, betterAuth: domain, axumkit: domain });
  });
  afterAll(async () => {
    await on.close();
    await off.close();
    await database.drop();
  });

  const paths = {
    'better-auth': {
      signIn: '/better-auth/api/auth/sign-in/email',
      signOut: '/better-auth/api/auth/sign-out',
      who: '/better-auth/api/auth/get-session',
      cookie: '__Secure-better-auth.session_token',
    },
    axumkit: {
      signIn: '/axumkit/v0/auth/login',
      signOut: '/axumkit/v0/auth/logout',
      who: '/axumkit/v0/user/me',
      cookie: 'session_id',
    },
  }[dialect];

  function browser() {
    const jar = new CookieJar();
    async function ask(world: World, method: 'GET' | 'POST', path: string, payload?: object) {
      const cookie = await jar.getCookieString(publicUrl);
      const answer = await world.app.http.inject({
        ...{ method, url: path },
        headers: { host: 'id.example.com', origin: publicUrl, ...(cookie && { cookie }) },
        ...(payload && { payload }),
      });
      for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
        await jar.setCookie(line, publicUrl, { ignoreError: true });
      }
      return answer;
    }
    return {
      jar,
      signIn: (world: World, email: string) =>
        ask(world, 'POST', paths.signIn, { email, password: 'correct horse battery' }),
      signOut: (world: World) => ask(world, 'POST', paths.signOut),
      async isSignedIn(world: World) {
        const { statusCode, body } = await ask(world, 'GET', paths.who);
        return statusCode === 200 && body !== 'null';
      },
      cookies: async () => (await jar.getCookies(publicUrl)).filter(({ key }) => key === paths.cookie).length,
    };
  }

  async function aPerson(): Promise<string> {
    const email = `${crypto.randomUUID()}@example.org`;
    const signedUp = await off.app.http.inject({
      ...{ method: 'POST', url: '/better-auth/api/auth/sign-up/email' },
      headers: { origin: publicUrl, host: 'id.example.com' },
      payload: { email, password: 'correct horse battery', name: 'Ada' },
    });
    expect(signedUp.statusCode).toBe(200);
    return email;
  }

  test('on, off and on again: people sign in and out each time, and one cookie is left', async () => {
    const email = await aPerson();
    const ada = browser();
    for (const world of [off, on, off, on]) {
      await ada.signIn(world, email);
      expect(await ada.isSignedIn(world)).toBe(true);
      expect(await ada.cookies()).toBe(1);
    }
    await ada.signOut(on);
    expect(await ada.isSignedIn(on)).toBe(false);
    expect(await ada.cookies()).toBe(0);
  });

  test.each(['before', 'after'] as const)('a dead one %s the good one does no harm', async (where) => {
    const email = await aPerson();
    const ada = browser();
    await ada.signIn(off, email);
    const good = (await ada.jar.getCookies(publicUrl)).find(({ key }) => key === paths.cookie)!;
    const other = browser();
    await other.signIn(off, email);
    const dead = (await other.jar.getCookies(publicUrl)).find(({ key }) => key === paths.cookie)!;
    await other.signOut(off);
    const values = where === 'before' ? [dead.value, good.value] : [good.value, dead.value];
    const answer = await off.app.http.inject({
      ...{ method: 'GET', url: paths.who },
      headers: { host: 'id.example.com', cookie: values.map((value) => `${paths.cookie}=${value}`).join('; ') },
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain(email);
  });
});
