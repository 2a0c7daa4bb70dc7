import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AxumKitStage, axumKitOnEveryEngine, axumKitStage, expectError, expectStatus } from '../kit/axumkit.ts';
import { engines, type TestDatabase } from '../kit/engines.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { snapshot } from '../kit/snapshot.ts';
import { password, type Stage, tokenIn } from '../kit/stage.ts';
import { aProject } from '../kit/test-config.ts';
import { createWorld, type World } from '../kit/world.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

for (const engine of engines) {
  describe(`rule 31 on AxumKit: a project never sees another's [${engine.name}]`, () => {
    let database: TestDatabase;
    let worlds: World[];
    let one: AxumKitStage;
    let two: AxumKitStage;
    beforeEach(async () => {
      database = await engine.create();
      const projects = [aProject({ key: 'one' }), aProject({ key: 'two' })];
      const open = (project: string, seed: number, order: typeof projects) =>
        createWorld({
          database: database.config,
          projects: order,
          seed,
          contract: false,
          mounts: {
            'better-auth': { kind: 'path', prefix: '/better-auth', project },
            hexclave: { kind: 'off' },
            axumkit: { kind: 'path', prefix: '/axumkit', project },
          },
        });
      worlds = [await open('one', 31, projects), await open('two', 32, [...projects].reverse())];
      [one, two] = worlds.map((world, index) => axumKitStage(plainStage(world, index))) as [AxumKitStage, AxumKitStage];
    });
    afterEach(async () => {
      for (const world of worlds) await world.close();
      await database.drop();
    });

    test('sessions, mailed tokens, temp tokens, ids and handles of the one are nothing in the other', async () => {
      const victim = await two.resident();
      const verification = await two.mailedToken(victim.email);
      await two.browser().post('/v0/auth/forgot-password', { email: victim.email });
      const reset = await two.mailedToken(victim.email);
      const { uri } = await two.withTotp(victim);
      const held = await two.browser().post('/v0/auth/login', { email: victim.email, password });
      const projectId = two.world.app.mainProject.project.id;
      const before = await snapshot(database, { projectId });

      const cookie = await victim.browser.jar.getCookieString(victim.browser.base);
      expectError(await one.browser({ cookie }).get('/v0/user/me'), 401, 'user:unauthorized');
      const stranger = one.browser();
      const refused: readonly [string, object][] = [
        ['/v0/auth/verify-email', { token: verification }],
        ['/v0/auth/reset-password', { token: reset, new_password: 'another one 1' }],
        ['/v0/auth/confirm-email-change', { token: reset }],
        ['/v0/auth/totp/verify', { temp_token: held.body.temp_token, code: two.code(uri) }],
        ['/v0/auth/login', { email: victim.email, password }],
      ];
      for (const [path, body] of refused) {
        const { status } = await stranger.post(path, body);
        expect([path, status >= 400 && status < 500]).toEqual([path, true]);
      }
      expectError(await stranger.get(`/v0/users/profile?handle=${victim.handle}`), 404, 'user:not_found');
      expectError(await stranger.get(`/v0/users/profile/id?user_id=${victim.id}`), 404, 'user:not_found');
      expect((await stranger.get(`/v0/users/handle/${victim.handle}/available`)).body).toEqual({ available: true });
      expect(await snapshot(database, { projectId })).toEqual(before);
      expectStatus(await victim.browser.get('/v0/user/me'), 200);
    });
  });
}

/** Enough of a stage for people of one world. */
function plainStage(world: World, index: number): Stage {
  let people = 0;
  return {
    world,
    browser: (headers) => world.browser({ ...headers }),
    address: () => `person${index}x${++people}@example.com`,
  } as Stage;
}

const canary = {
  password: 'canary-first-1',
  second: 'canary-second-2',
  third: 'canary-third-3',
  wrong: 'canary-wrong-4',
  accessToken: 'gho_canary_access',
  clientSecret: 'canary-client-secret',
  code: 'canary-provider-code',
};

axumKitOnEveryEngine(
  'rule 36 on AxumKit: no secret in logs, errors, events or rows',
  {
    providers: [fake.config({ clientSecret: canary.clientSecret })],
    axumkit: { githubRedirectUri: 'https://app.example.com/github' },
  },
  (kit) => {
    test('after a day in the life of an account', async () => {
      const secrets = new Set<string>(Object.values(canary));
      const errors: string[] = [];
      const browser = kit.browser();
      const post = async (path: string, body: unknown = {}, from = browser) => {
        const reply = await from.post(path, body);
        if (reply.status >= 400) errors.push(reply.text);
        for (const line of reply.setCookies) {
          const value = /^\w+=([^;]*)/.exec(line)![1]!;
          if (value.length > 20) secrets.add(value);
        }
        return reply;
      };
      const mailed = async (to: string) => {
        const token = tokenIn((await kit.world.mail(to)).links[0]!);
        secrets.add(token);
        return token;
      };
      const email = kit.address();
      await post('/v0/users', { email, handle: kit.handle(), display_name: 'Ada', password: canary.password });
      await post('/v0/auth/verify-email', { token: await mailed(email) });
      await post('/v0/auth/login', { email, password: canary.wrong });
      await post('/v0/auth/login', { email, password: { nested: canary.wrong } });
      await post('/v0/auth/login', `{"email":"${email}","password":"${canary.wrong}"`);
      await post('/v0/auth/login', { email, password: canary.password, remember_me: true });
      await post('/v0/auth/change-password', { current_password: canary.wrong, new_password: canary.second });
      await post('/v0/auth/change-password', { current_password: canary.password, new_password: canary.second });
      await post('/v0/auth/forgot-password', { email });
      const reset = await mailed(email);
      await post('/v0/auth/reset-password', { token: reset, new_password: canary.third.slice(0, 3) });
      await post('/v0/auth/reset-password', { token: reset, new_password: canary.third });
      await post('/v0/auth/reset-password', { token: reset, new_password: canary.third });
      await post('/v0/auth/login', { email, password: canary.third });
      await browser.get(`/v0/users/profile?handle=${canary.wrong}&token=${canary.wrong}`);

      const setup = await post('/v0/auth/totp/setup');
      secrets.add(new URL(setup.body.qr_code_uri).searchParams.get('secret')!);
      const enabled = await post('/v0/auth/totp/enable', { code: kit.code(setup.body.qr_code_uri) });
      for (const code of enabled.body.backup_codes) secrets.add(code);
      const held = await post('/v0/auth/login', { email, password: canary.third });
      secrets.add(held.body.temp_token);
      await post('/v0/auth/totp/verify', { temp_token: held.body.temp_token, code: enabled.body.backup_codes[0] });

      fake.answers.token = { body: { access_token: canary.accessToken, token_type: 'bearer' } };
      const authorize = await browser.get('/v0/auth/oauth/github/authorize');
      const state = new URL(authorize.body.auth_url).searchParams.get('state')!;
      secrets.add(state);
      const pending = await post('/v0/auth/oauth/github/login', { code: canary.code, state });
      expectStatus(pending, 200);
      secrets.add(pending.body.pending_token);
      await post('/v0/auth/complete-signup', { pending_token: `${pending.body.pending_token}x`, handle: 'octo_cat' });
      await post('/v0/auth/complete-signup', { pending_token: pending.body.pending_token, handle: 'octo_cat' });
      fake.answers.token = { status: 500, body: { error: canary.accessToken } };
      const again = await browser.get('/v0/auth/oauth/github/authorize?flow=link');
      const linkState = new URL(again.body.auth_url).searchParams.get('state')!;
      await post('/v0/auth/oauth/github/link', { code: canary.code, state: linkState });
      fake.reset();

      const plain = (row: Record<string, unknown>) =>
        Object.values(row)
          .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : JSON.stringify(value)))
          .join(' ');
      const rowsOf = async (table: string) => (await kit.world.database!.rows(`SELECT * FROM ${table}`)).map(plain);
      const places: Record<string, readonly string[]> = { log: kit.world.logged, errors };
      for (const table of [
        ...['event', 'job', 'session', 'password', 'identity', 'one_time_value', 'pending_sign_in'],
        ...['backup_code', 'totp'],
      ]) {
        places[table] = await rowsOf(table);
      }
      expect(places.event!.length).toBeGreaterThan(8);
      expect(secrets.size).toBeGreaterThan(25);
      const found = Object.entries(places).flatMap(([place, texts]) =>
        [...secrets].flatMap((secret) =>
          texts.filter((text) => text.includes(secret)).map(() => `${place}: ${secret}`),
        ),
      );
      expect(found).toEqual([]);
    });
  },
);
