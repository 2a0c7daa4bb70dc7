import { afterAll, describe, expect, test } from 'vitest';
import type { EventType } from '../../../src/core/audit/event.ts';
import { routes } from '../../../src/http/axumkit/routes.ts';
import { type AxumKitStage, axumKitOnOneEngine, expectStatus, otherPassword, password } from '../../kit/axumkit.ts';
import type { Browser } from '../../kit/browser.ts';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { pngOf, upload } from '../../kit/images.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

let cats = 0;
/** From now on the fake GitHub sends somebody nobody knows. */
function anotherCat(): void {
  cats += 1;
  fake.reset();
  fake.answers.user = { body: { id: 9000 + cats, login: `cat${cats}`, name: 'Cat', avatar_url: null } };
  fake.answers.emails = { body: [{ email: `event-cat${cats}@example.org`, primary: true, verified: true }] };
}
async function visit(browser: Browser, flow: 'login' | 'link') {
  const { body } = await browser.get(`/v0/auth/oauth/github/authorize?flow=${flow}`);
  const state = new URL(body.auth_url).searchParams.get('state');
  return browser.post(`/v0/auth/oauth/github/${flow}`, { code: 'abc', state });
}
async function catSignsUp(kit: AxumKitStage) {
  anotherCat();
  const browser = kit.browser();
  const { pending_token } = (await visit(browser, 'login')).body;
  expectStatus(await browser.post('/v0/auth/complete-signup', { pending_token, handle: kit.handle() }), 204);
  return { browser, id: (await browser.get('/v0/user/me')).body.id as string };
}
async function mailed(kit: AxumKitStage, to: string, path: string, body: object = {}) {
  expectStatus(await kit.browser().post(path, { token: await kit.mailedToken(to), ...body }), 204);
}
const setImage = async (browser: Browser, slot: string, shade: number) => {
  const url = `${browser.base}/v0/user/me/${slot}-image`;
  const { status } = await browser.fetch(url, { method: 'POST', body: upload(await pngOf(shade)) });
  expect(status).toBe(201);
};

/** Under which `axumkit.publicLog` strangers see it, and as what. */
type Shown = 'never' | `${'profile' | 'all'} ${string}`;
interface Row {
  readonly operation: string;
  readonly when?: string;
  /** The newest of the person’s events, oldest of them first. */
  readonly events: readonly (readonly [type: EventType, shown: Shown])[];
  /** Does it; returns whom it was about. */
  act(kit: AxumKitStage): Promise<string>;
}

const created = ['account.created', 'profile user:create'] as const;
const signedIn = ['account.signed_in', 'all auth:login'] as const;
const edited = ['account.updated', 'profile user:edit'] as const;
const pictured = ['account.image_changed', 'profile user:edit'] as const;
const failed = ['account.sign_in_failed', 'never'] as const;

const table: readonly Row[] = [
  {
    operation: 'POST /v0/users',
    events: [created],
    async act(kit) {
      const [email, handle] = [kit.address(), kit.handle()];
      expectStatus(await kit.browser().post('/v0/users', { email, handle, display_name: 'Ada', password }), 201);
      return (await kit.browser().get(`/v0/users/profile?handle=${handle}`)).body.id;
    },
  },
  {
    operation: 'POST /v0/auth/signup',
    events: [created],
    async act(kit) {
      const [email, handle] = [kit.address(), kit.handle()];
      expectStatus(await kit.browser().post('/v0/auth/signup', { email, handle, display_name: 'Ada', password }), 202);
      return (await kit.browser().get(`/v0/users/profile?handle=${handle}`)).body.id;
    },
  },
  {
    operation: 'POST /v0/auth/login',
    events: [created, signedIn],
    act: async (kit) => (await kit.resident()).id,
  },
  {
    operation: 'POST /v0/auth/login',
    when: 'with a wrong password',
    events: [failed],
    async act(kit) {
      const { id, email } = await kit.resident();
      expectStatus(await kit.browser().post('/v0/auth/login', { email, password: otherPassword }), 401);
      return id;
    },
  },
  {
    operation: 'POST /v0/app/auth/login',
    events: [signedIn],
    async act(kit) {
      const { id, email } = await kit.resident();
      expectStatus(await kit.browser().post('/v0/app/auth/login', { email, password }), 200);
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/logout',
    events: [['account.signed_out', 'all auth:logout']],
    async act(kit) {
      const { browser, id } = await kit.resident();
      expectStatus(await browser.post('/v0/auth/logout'), 204);
      return id;
    },
  },
  {
    operation: 'DELETE /v0/auth/sessions/:management_id',
    events: [['session.ended', 'all auth:logout']],
    async act(kit) {
      const { browser, id, email } = await kit.resident();
      await kit.signIn(email);
      const { sessions } = (await browser.get('/v0/auth/sessions')).body;
      const { management_id } = sessions.find((session: { is_current: boolean }) => !session.is_current);
      expectStatus(await browser.send('DELETE', `/v0/auth/sessions/${management_id}`), 204);
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/verify-email',
    events: [['email.verified', 'never']],
    async act(kit) {
      const { id, email } = await kit.resident();
      await mailed(kit, email, '/v0/auth/verify-email');
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/forgot-password',
    events: [['password.reset_requested', 'never']],
    async act(kit) {
      const { id, email } = await kit.resident();
      expectStatus(await kit.browser().post('/v0/auth/forgot-password', { email }), 204);
      await kit.world.app.drainJobs();
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/reset-password',
    events: [['password.reset', 'never']],
    async act(kit) {
      const { id, email } = await kit.resident();
      expectStatus(await kit.browser().post('/v0/auth/forgot-password', { email }), 204);
      await mailed(kit, email, '/v0/auth/reset-password', { new_password: otherPassword });
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/change-password',
    events: [['password.changed', 'never']],
    async act(kit) {
      const { browser, id } = await kit.resident();
      const body = { current_password: password, new_password: otherPassword };
      expectStatus(await browser.post('/v0/auth/change-password', body), 204);
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/confirm-email-change',
    events: [['email.changed', 'never']],
    async act(kit) {
      const { browser, id } = await kit.resident();
      const new_email = kit.address();
      expectStatus(await browser.post('/v0/auth/change-email', { password, new_email }), 204);
      await mailed(kit, new_email, '/v0/auth/confirm-email-change');
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/complete-signup',
    events: [created, ['provider.linked', 'all oauth:link'], ['account.signed_in', 'all auth:oauth_login']],
    act: async (kit) => (await catSignsUp(kit)).id,
  },
  {
    operation: 'POST /v0/auth/oauth/github/login',
    events: [['account.signed_in', 'all auth:oauth_login']],
    async act(kit) {
      const { id } = await catSignsUp(kit);
      expectStatus(await visit(kit.browser(), 'login'), 204);
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/oauth/github/link',
    events: [['provider.linked', 'all oauth:link']],
    async act(kit) {
      const { browser, id } = await kit.resident();
      anotherCat();
      expectStatus(await visit(browser, 'link'), 204);
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/oauth/connections/unlink',
    events: [['provider.unlinked', 'all oauth:unlink']],
    async act(kit) {
      const { browser, id } = await kit.resident();
      anotherCat();
      expectStatus(await visit(browser, 'link'), 204);
      expectStatus(await browser.post('/v0/auth/oauth/connections/unlink', { provider: 'Github' }), 204);
      return id;
    },
  },
  {
    operation: 'POST /v0/auth/totp/enable',
    events: [['mfa.enabled', 'never']],
    async act(kit) {
      const resident = await kit.resident();
      await kit.withTotp(resident);
      return resident.id;
    },
  },
  ...(['/v0/auth', '/v0/app/auth'] as const).map(
    (base): Row => ({
      operation: `POST ${base}/totp/verify`,
      events: [['mfa.enabled', 'never'], signedIn],
      async act(kit) {
        const resident = await kit.resident();
        const { uri } = await kit.withTotp(resident);
        const browser = kit.browser();
        const { temp_token } = (await browser.post(`${base}/login`, { email: resident.email, password })).body;
        const done = await browser.post(`${base}/totp/verify`, { temp_token, code: kit.code(uri) });
        expect([200, 204]).toContain(done.status);
        return resident.id;
      },
    }),
  ),
  {
    operation: 'POST /v0/auth/totp/verify',
    when: 'with a wrong code',
    events: [failed],
    async act(kit) {
      const resident = await kit.resident();
      await kit.withTotp(resident);
      const browser = kit.browser();
      const { temp_token } = (await browser.post('/v0/auth/login', { email: resident.email, password })).body;
      expectStatus(await browser.post('/v0/auth/totp/verify', { temp_token, code: '000000' }), 400);
      return resident.id;
    },
  },
  {
    operation: 'POST /v0/auth/totp/disable',
    events: [['mfa.disabled', 'never']],
    async act(kit) {
      const resident = await kit.resident();
      const { uri } = await kit.withTotp(resident);
      expectStatus(await resident.browser.post('/v0/auth/totp/disable', { code: kit.code(uri) }), 204);
      return resident.id;
    },
  },
  {
    operation: 'POST /v0/auth/totp/backup-codes/regenerate',
    events: [['mfa.codes_regenerated', 'never']],
    async act(kit) {
      const resident = await kit.resident();
      const { uri } = await kit.withTotp(resident);
      const body = { code: kit.code(uri) };
      expectStatus(await resident.browser.post('/v0/auth/totp/backup-codes/regenerate', body), 200);
      return resident.id;
    },
  },
  {
    operation: 'PATCH /v0/user/me',
    events: [edited],
    async act(kit) {
      const { browser, id } = await kit.resident();
      expectStatus(await browser.send('PATCH', '/v0/user/me', { bio: 'Hello' }), 200);
      return id;
    },
  },
  ...(['profile', 'banner'] as const).flatMap((slot, index): Row[] => [
    {
      operation: `POST /v0/user/me/${slot}-image`,
      events: [pictured],
      async act(kit) {
        const { browser, id } = await kit.resident();
        await setImage(browser, slot, 10 + index);
        return id;
      },
    },
    {
      operation: `DELETE /v0/user/me/${slot}-image`,
      events: [pictured, pictured],
      async act(kit) {
        const { browser, id } = await kit.resident();
        await setImage(browser, slot, 20 + index);
        expectStatus(await browser.send('DELETE', `/v0/user/me/${slot}-image`), 204);
        return id;
      },
    },
  ]),
];

/** Operations that change nothing about anybody yet; what they begin is recorded when it is done. */
const recordNothing = new Map([
  ['POST /v0/auth/resend-verification-email', 'queues a mail'],
  ['POST /v0/auth/change-email', 'queues a mail; the change is that of confirm-email-change'],
  ['POST /v0/auth/totp/setup', 'a secret that is in force once it is enabled'],
]);

test('every operation that writes has a row, or a reason to have none', () => {
  const covered = new Set([...table.map(({ operation }) => operation), ...recordNothing.keys()]);
  const writing = routes.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  // One table of endpoints serves both providers.
  const missing = writing.filter((operation) => !covered.has(operation.replace('/google/', '/github/')));
  expect(missing).toEqual([]);
  expect([...covered].filter((operation) => !writing.includes(operation))).toEqual([]);
});

for (const publicLog of ['profile', 'all'] as const) {
  const options = {
    providers: [fake.config()],
    axumkit: { githubRedirectUri: 'https://app.example.com/oauth/github' },
    policy: { 'axumkit.publicLog': publicLog },
  };
  axumKitOnOneEngine(`events of each operation (core map §5.4), axumkit.publicLog: ${publicLog}`, options, (kit) => {
    describe('recorded by', () => {
      for (const { operation, when = '', events, act } of table) {
        test(`${operation} ${when}`, async () => {
          const id = await act(kit);
          const recorded = await kit.world.app.mainProject.store.read.events.listOf(id, { limit: 50 });
          const newest = recorded.slice(0, events.length).reverse();
          const isShown = (shown: Shown) => shown !== 'never' && (publicLog === 'all' || shown.startsWith('profile '));
          expect(newest.map(({ type, visibility }) => [type, visibility])).toEqual(
            events.map(([type, shown]) => [type, isShown(shown) ? 'public' : 'user']),
          );
          const { body } = await kit.browser().get(`/v0/action-logs?limit=50&resource_id=${id}`);
          const lines = new Map(body.data.map((line: { id: string }) => [line.id, line]));
          for (const [index, [, shown]] of events.entries()) {
            const line = lines.get(newest[index]!.id);
            if (!isShown(shown)) expect(line).toBeUndefined();
            else
              expect(line).toMatchObject({
                action: shown.split(' ')[1],
                actor_id: id,
                resource_id: id,
                actor_ip: null,
              });
          }
        });
      }
    });
  });
}
