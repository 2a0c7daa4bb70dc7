import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oneEngine } from '../../kit/engines.ts';
import { createWorld, type World } from '../../kit/world.ts';

const named = 'https://app.example.com';
const surfaces = ['better-auth', 'axumkit'] as const;
const paths = { 'better-auth': '/better-auth/api/auth/get-session', axumkit: '/axumkit/v0/auth/sessions' };

for (const engine of oneEngine('origin notices')) {
  describe(`What only a browser sees is told to the operator [${engine.name}]`, () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld({ engine, contract: false, policy: { 'redirects.origins': [named] } });
    });
    afterAll(() => world?.close());

    /** Warnings about origins that one request led to. */
    async function told(
      url: string,
      headers: Record<string, string>,
      init: { method?: 'POST'; payload?: string } = {},
    ) {
      const before = world.logged.length;
      await world.app.http.inject({ method: 'GET', url, headers, ...init });
      return world.logged
        .slice(before)
        .map((line) => JSON.parse(line) as { level: number; msg: string; origin?: string; surface?: string })
        .filter(({ level, origin }) => level === 40 && origin !== undefined)
        .map(({ msg, origin, surface }) => [surface, origin, msg] as const);
    }

    test.each(surfaces)('%s: an origin that is not named, once, with the setting', async (surface) => {
      const origin = `https://unnamed-${surface}.example`;
      const first = await told(paths[surface], { origin });
      expect(first).toEqual([[surface, origin, expect.stringContaining('If it is yours, add it to TRUSTED_ORIGINS')]]);
      expect(await told(paths[surface], { origin })).toEqual([]);
    });

    test.each(surfaces)('%s: a named origin whose cookies the browser drops, as the browser says', async (surface) => {
      const from = (site: string) =>
        told(paths[surface], { origin: named, 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' });
      expect(await from('same-site')).toEqual([]);
      expect(await from('cross-site')).toEqual([
        [surface, named, expect.stringContaining(`browsers drop the cookies of ${world.url} on pages of this origin`)],
      ]);
      expect(await from('cross-site')).toEqual([]);
    });

    test('a preflight shows it, too', async () => {
      const origin = 'https://preflight.example';
      const before = world.logged.length;
      await world.app.http.inject({
        method: 'OPTIONS',
        url: paths['better-auth'],
        headers: { origin, 'access-control-request-method': 'GET' },
      });
      expect(world.logged.slice(before).join()).toContain(origin);
    });

    test('an address that nobody may be sent to, without its query', async () => {
      const body = { email: 'ada@example.com', callbackURL: 'https://return.example/in?secret=1' };
      const lines = await told(
        '/better-auth/api/auth/sign-in/magic-link',
        { 'content-type': 'application/json' },
        { method: 'POST', payload: JSON.stringify(body) },
      );
      const message = expect.stringContaining('may not be returned to');
      expect(lines).toEqual([['better-auth', 'https://return.example', message]]);
    });

    test('a form of another origin that was refused', async () => {
      const headers = {
        ...{ origin: 'https://form.example', 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' },
        'content-type': 'application/x-www-form-urlencoded',
      };
      const lines = await told('/better-auth/api/auth/sign-in/email', headers, { method: 'POST', payload: 'email=a' });
      expect(lines).toHaveLength(1);
    });

    test('a provider that posts its answer is nobody’s application', async () => {
      const headers = {
        ...{ origin: 'https://appleid.apple.com', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
        'content-type': 'application/x-www-form-urlencoded',
      };
      expect(await told('/better-auth/api/auth/callback/apple', headers, { method: 'POST', payload: 'x=1' })).toEqual(
        [],
      );
    });

    test('origins by the hundred fill no log; an hour later there is room again', async () => {
      let lines = 0;
      for (let n = 0; n < 100; n += 1) {
        lines += (await told(paths['better-auth'], { origin: `https://n${n}.example` })).length;
      }
      expect(lines).toBeLessThanOrEqual(20);
      world.clock.advance(60 * 60_000);
      expect(await told(paths['better-auth'], { origin: 'https://later.example' })).toHaveLength(1);
    });
  });
}
