import { Agent } from 'node:http';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { routes } from '../../src/http/axumkit/routes.ts';
import { type Asked, ask } from '../kit/ask.ts';
import { axumKitOnEveryEngine } from '../kit/axumkit.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { hostileBody, hostileHeaders, hostilePart, hostileQuery } from '../kit/hostile.ts';

/** `FUZZ_RUNS=2000 FUZZ_SEED=7` looks longer and elsewhere; by default the same few are tried every time. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 15);
const seed = Number(process.env.FUZZ_SEED ?? 20_260_801);
const base = '/axumkit';

const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const fake = await startFakeOAuth();
afterAll(async () => {
  agent.destroy();
  await fake.close();
});

/** What goes on after the answer, and is none of JSON. */
const streams = new Set(['/v0/eventstream/actions']);

/** Never a fault, always the dialect's own shape, and nothing of our insides. */
function expectWellBehaved({ status, type, text }: Asked, method: string): void {
  if (status >= 500) throw new Error(`${status}: ${text}`);
  if (text.includes('node_modules') || /\bat [\w.]+ \(file:/.test(text)) throw new Error(`insides shown: ${text}`);
  if (status < 400 || method === 'HEAD' || (status === 405 && text === '')) return;
  if (type !== 'application/json') throw new Error(`${status} as ${type}: ${text}`);
  const body = JSON.parse(text) as Record<string, unknown>;
  const { status: told, code, ...rest } = body;
  if (told !== status || typeof code !== 'string') throw new Error(`not an error of the dialect: ${text}`);
  if (Object.keys(rest).some((key) => key !== 'details')) throw new Error(`more than an error: ${text}`);
}

const membersOf = (schema: unknown): string[] =>
  Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});

axumKitOnEveryEngine(
  'hostile requests to AxumKit',
  { providers: [fake.config()], axumkit: { githubRedirectUri: 'https://app.example.com/github' } },
  (kit) => {
    const check = <T>(property: fc.IAsyncPropertyWithHooks<T>) => fc.assert(property, { numRuns, seed });

    for (const { method, path, body, query, params } of routes) {
      if (streams.has(path)) continue;
      test(`${method} ${path}`, async () => {
        const { browser } = await kit.resident();
        const cookie = await browser.jar.getCookieString(browser.base);
        const own = { cookie, origin: kit.world.url, 'content-type': 'application/json' };
        const requests = fc.record({
          headers: fc.oneof({ weight: 2, arbitrary: fc.constant(own) }, { weight: 1, arbitrary: hostileHeaders }),
          query: hostileQuery(membersOf(query)),
          parts: fc.array(hostilePart, { minLength: 3, maxLength: 3 }),
          body: hostileBody(membersOf(body)),
        });
        await check(
          fc.asyncProperty(requests, async ({ headers, query: asked, parts, body: text }) => {
            let count = 0;
            const filled = path.replaceAll(/:\w+/g, () => parts[count++]!);
            const target = `${base}${params ? filled : path}${asked === '' ? '' : `?${asked}`}`;
            const sent = method === 'GET' ? undefined : text;
            expectWellBehaved(await ask(agent, kit.world.url, method, target, headers, sent), method);
          }),
        );
      });
    }

    test('paths that are none', async () => {
      await check(
        fc.asyncProperty(
          fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD'),
          fc.array(hostilePart, { minLength: 1, maxLength: 4 }),
          async (method, parts) => {
            const sent = method === 'GET' || method === 'HEAD' ? undefined : '{}';
            const answer = await ask(agent, kit.world.url, method, `${base}/v0/${parts.join('/')}`, {}, sent);
            expectWellBehaved(answer, method);
          },
        ),
      );
    });

    test('nothing of all this was a fault to the server', () => {
      expect(kit.world.logged.filter((line) => line.includes('fault'))).toEqual([]);
    });
  },
);
