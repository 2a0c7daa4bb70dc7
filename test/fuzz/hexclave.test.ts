import { Agent } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../src/http/hexclave/routes.ts';
import { type Asked, ask } from '../kit/ask.ts';
import { type HexclaveProject, hexclaveOnEveryEngine, type SignedIn } from '../kit/hexclave.ts';
import { hostileBody, hostileHeaders, hostilePart, hostileQuery } from '../kit/hostile.ts';

/** `FUZZ_RUNS=2000 FUZZ_SEED=7` looks longer and elsewhere; by default the same few are tried every time. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 15);
const seed = Number(process.env.FUZZ_SEED ?? 20_260_801);
const base = '/hexclave/api/v1';

const agent = new Agent({ keepAlive: true, maxSockets: 4 });
afterAll(() => agent.destroy());

/** What a project has to have switched on for a hostile request to get far. */
const everything = {
  'auth.otp.allowSignIn': true,
  'auth.passkey.allowSignIn': true,
  'teams.allowClientTeamCreation': true,
  'teams.createPersonalTeamOnSignUp': true,
  'apiKeys.enabled.user': true,
  'apiKeys.enabled.team': true,
  'users.allowClientUserDeletion': true,
};

/** Never a fault, always JSON with a code or words, and nothing of our insides. */
function expectWellBehaved({ status, type, text }: Asked): void {
  if (status >= 500) throw new Error(`${status}: ${text}`);
  if (text.includes('node_modules') || /\bat [\w.]+ \(file:/.test(text)) throw new Error(`insides shown: ${text}`);
  // Answers to HEAD have no body.
  if (status < 400 || text === '' || type?.startsWith('text/plain')) return;
  if (!type?.startsWith('application/json')) throw new Error(`${status} as ${type}: ${text}`);
  const body = JSON.parse(text) as Record<string, unknown>;
  if (typeof body.error !== 'string') throw new Error(`not an error of the dialect: ${text}`);
  if (body.code !== undefined && typeof body.code !== 'string') throw new Error(`not a code: ${text}`);
}

/** Bodies are snake_case throughout; what people wrote themselves is theirs (spec, must hold). */
function expectSnakeCase(text: string): void {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return;
  }
  const own = new Set(['client_metadata', 'client_read_only_metadata', 'server_metadata', 'details', 'options_json']);
  const camel = new Set(['newUser', 'afterCallbackRedirectUrl']);
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return void value.forEach(walk);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (/[A-Z]/.test(name) && !camel.has(name)) throw new Error(`${name} in ${text.slice(0, 300)}`);
      if (!own.has(name)) walk(member);
    }
  };
  walk(body);
}

const membersOf = (schema: unknown): string[] =>
  Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});

hexclaveOnEveryEngine('hostile requests to Hexclave', {}, (stage) => {
  const check = <T>(property: fc.IAsyncPropertyWithHooks<T>) => fc.assert(property, { numRuns, seed });
  let project: HexclaveProject;
  let user: SignedIn;
  beforeAll(async () => {
    project = await stage.project(everything);
  });

  const headersOf = (access: 'client' | 'server' | 'admin', token: string): Record<string, string> => ({
    'content-type': 'application/json',
    'x-stack-access-type': access,
    'x-stack-project-id': project.id,
    'x-stack-publishable-client-key': project.keys.publishable,
    'x-stack-secret-server-key': project.keys.server,
    'x-stack-super-secret-admin-key': project.keys.admin,
    'x-stack-allow-anonymous-user': 'true',
    'x-stack-access-token': token,
  });

  for (const { method, path, body, serverBody, query, serverQuery } of routes) {
    test(`${method} ${path}`, async () => {
      // What is deleted is made anew: a project of its own for the one operation that ends it.
      if (method === 'DELETE' && path === '/internal/projects/current') project = await stage.project(everything);
      user = await project.signUp();
      const own = user.access_token;
      const requests = fc.record({
        access: fc.constantFrom('client' as const, 'server' as const, 'admin' as const),
        hostile: fc.option(hostileHeaders, { freq: 3 }),
        query: hostileQuery([...membersOf(query), ...membersOf(serverQuery)]),
        parts: fc.array(fc.oneof(hostilePart, fc.constant('me'), fc.constant(user.user_id)), {
          minLength: 3,
          maxLength: 3,
        }),
        body: hostileBody([...membersOf(body), ...membersOf(serverBody)]),
      });
      await check(
        fc.asyncProperty(requests, async ({ access, hostile, query: asked, parts, body: text }) => {
          let count = 0;
          const filled = path.replaceAll(/:\w+/g, () => parts[count++]!);
          const target = `${base}${filled === '/' ? '' : filled}${asked === '' ? '' : `?${asked}`}`;
          const sent = method === 'GET' ? undefined : text;
          const headers = hostile ?? headersOf(access, own);
          const answer = await ask(agent, stage.world.url, method, target, headers, sent);
          expectWellBehaved(answer);
          expectSnakeCase(answer.text);
        }),
      );
      if (method === 'DELETE' && path === '/internal/projects/current') project = await stage.project(everything);
    });
  }

  test('paths that are none', async () => {
    await check(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD'),
        fc.array(hostilePart, { minLength: 1, maxLength: 4 }),
        async (method, parts) => {
          const sent = method === 'GET' || method === 'HEAD' ? undefined : '{}';
          expectWellBehaved(await ask(agent, stage.world.url, method, `${base}/${parts.join('/')}`, {}, sent));
        },
      ),
    );
  });

  test('nothing of all this was a fault to the server', () => {
    expect(stage.world.logged.filter((line) => line.includes('fault while'))).toEqual([]);
  });
});
