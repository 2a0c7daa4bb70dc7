import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { allRoutes as routes } from '../../src/http/better-auth/routes.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { hostileBody, hostileHeaders, hostilePart, hostileQuery, hostileText } from '../kit/hostile.ts';
import { onEveryEngine, type Stage } from '../kit/stage.ts';
import { everyPlugin } from '../kit/test-config.ts';

/** `FUZZ_RUNS=2000 FUZZ_SEED=7` looks longer and elsewhere; by default the same few are tried every time. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 15);
const seed = Number(process.env.FUZZ_SEED ?? 20_260_801);

const agent = new Agent({ keepAlive: true, maxSockets: 4 });
afterAll(() => agent.destroy());

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly location: string | undefined;
  readonly text: string;
}

function ask(
  stage: Stage,
  method: string,
  target: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  const { hostname, port } = new URL(stage.world.url);
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const length = bytes ? { 'content-length': String(bytes.length) } : {};
    const sent = request(
      { agent, hostname, port, path: target, method, headers: { ...headers, ...length } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          const { location, 'content-type': type } = response.headers;
          resolve({ status: response.statusCode!, type, location, text });
        });
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });
}

/** Shown to people, their refusals included. */
const pages = new Set(['/second-factor', '/magic-link/confirm']);

/** Never a fault, always the dialect's own shape, nothing of our insides, and nobody sent to strangers. */
function expectWellBehaved(stage: Stage, answer: Answer, path = ''): void {
  const { status, type, location, text } = answer;
  if (status >= 500) throw new Error(`${status}: ${text}`);
  if (text.includes('node_modules') || /\bat [\w.]+ \(file:/.test(text)) throw new Error(`insides shown: ${text}`);
  if (
    location !== undefined &&
    !/^(?:\/(?![/\\])|$)/.test(location) &&
    ![stage.world.url, fake.origin].includes(new URL(location).origin)
  ) {
    throw new Error(`sent to ${location}`);
  }
  if (status < 400 || (status === 404 && text === '')) return;
  if (pages.has(path) && type?.startsWith('text/html')) return;
  if (type !== 'application/json') throw new Error(`${status} as ${type}: ${text}`);
  const body = JSON.parse(text) as { message?: unknown; code?: unknown };
  if (typeof body.message !== 'string' || typeof body.code !== 'string')
    throw new Error(`not an error of the dialect: ${text}`);
}

const membersOf = (schema: unknown): string[] =>
  Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});
const base = '/better-auth/api/auth';

const additionalFields = { plan: 'string', seats: 'number' } as const;
const fake = await startFakeOAuth();
afterAll(() => fake.close());

onEveryEngine(
  'hostile requests',
  {
    contract: false,
    providers: [fake.config()],
    betterAuth: { ...everyPlugin, additionalFields, serviceToken: 'a-service-token-that-nobody-shows-here' },
    policy: { 'users.selfDeletion': true, 'organizations.teams': true, 'organizations.dynamicRoles': true },
  },
  (stage) => {
    const check = <T>(property: fc.IAsyncPropertyWithHooks<T>) => fc.assert(property, { numRuns, seed });

    for (const { method, path, body, query, params } of routes) {
      test(`${method} ${path}`, async () => {
        const member = await stage.member();
        const cookie = await member.browser.jar.getCookieString(member.browser.base);
        const own = { cookie, origin: stage.world.url, 'content-type': 'application/json' };
        const requests = fc.record({
          headers: fc.oneof({ weight: 2, arbitrary: fc.constant(own) }, { weight: 1, arbitrary: hostileHeaders }),
          query: hostileQuery(membersOf(query)),
          parts: fc.array(hostilePart, { minLength: 3, maxLength: 3 }),
          body: hostileBody([...membersOf(body), ...Object.keys(additionalFields)]),
        });
        await check(
          fc.asyncProperty(requests, async ({ headers, query: asked, parts, body: text }) => {
            let count = 0;
            const filled = path.replaceAll(/:\w+/g, () => parts[count++]!);
            const target = `${base}${params ? filled : path}${asked === '' ? '' : `?${asked}`}`;
            const answer = await ask(stage, method, target, headers, method === 'GET' ? undefined : text);
            expectWellBehaved(stage, answer, path);
          }),
        );
      });
    }

    test('paths that are none', async () => {
      await check(
        fc.asyncProperty(
          fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
          fc.array(hostilePart, { minLength: 1, maxLength: 4 }),
          async (method, parts) => {
            const answer = await ask(
              stage,
              method,
              `${base}/${parts.join('/')}`,
              {},
              method === 'GET' ? undefined : '{}',
            );
            expect(answer.status).toBeLessThan(500);
            expect(answer.text).not.toContain('node_modules');
          },
        ),
      );
    });

    test('forms', async () => {
      const fields = fc.dictionary(
        fc.constantFrom('email', 'password', 'name', 'rememberMe', 'callbackURL', '__proto__', 'a[b]', 'image'),
        hostileText,
      );
      await check(
        fc.asyncProperty(
          fc.constantFrom('/sign-in/email', '/sign-up/email', '/callback/x'),
          fields,
          async (path, form) => {
            const text = new URLSearchParams(
              Object.entries(form).map(([name, value]) => [name, value.toWellFormed()]),
            ).toString();
            const headers = { 'content-type': 'application/x-www-form-urlencoded' };
            expectWellBehaved(stage, await ask(stage, 'POST', `${base}${path}`, headers, text));
          },
        ),
      );
    });

    test('nothing of all this was a fault to the server', () => {
      expect(stage.world.logged.filter((line) => line.includes('fault'))).toEqual([]);
    });
  },
);
