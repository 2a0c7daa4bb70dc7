import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/base/clock.ts';
import {
  type AxumKitStage,
  axumKitOnEveryEngine,
  axumKitOnOneEngine,
  expectError,
  expectStatus,
  password,
} from '../../kit/axumkit.ts';
import type { Browser } from '../../kit/browser.ts';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { startOidcIssuer } from '../../kit/oidc-issuer.ts';

const issuer = await startOidcIssuer({ anyRedirect: true });
const fake = await startFakeOAuth();
afterAll(async () => {
  await issuer.close();
  await fake.close();
});

const providers = [fake.config(), issuer.config({ key: 'google', type: 'oidc' })];
const axumkit = {
  githubRedirectUri: 'https://app.example.com/oauth/github',
  googleRedirectUri: 'https://app.example.com/oauth/google',
};

let cats = 0;
/** From now on the fake GitHub sends somebody nobody knows. */
function anotherCat(change: { email?: string; verified?: boolean } = {}) {
  cats += 1;
  fake.reset();
  const email = change.email ?? `cat${cats}@example.org`;
  fake.answers.user = { body: { id: 7000 + cats, login: `cat${cats}`, name: `Cat ${cats}`, avatar_url: null } };
  fake.answers.emails = { body: [{ email, primary: true, verified: change.verified ?? true }] };
  return { email, name: `Cat ${cats}` };
}

const stateFrom = async (browser: Browser, flow = '', provider = 'github') => {
  const reply = await browser.get(`/v0/auth/oauth/${provider}/authorize${flow && `?flow=${flow}`}`);
  expectStatus(reply, 200);
  return new URL(reply.body.auth_url).searchParams.get('state')!;
};
const login = async (browser: Browser, state?: string) =>
  browser.post('/v0/auth/oauth/github/login', { code: 'abc', state: state ?? (await stateFrom(browser)) });
const link = async (browser: Browser, state?: string) =>
  browser.post('/v0/auth/oauth/github/link', { code: 'abc', state: state ?? (await stateFrom(browser, 'link')) });

async function newcomer(kit: AxumKitStage) {
  const { email, name } = anotherCat();
  const browser = kit.browser();
  const pending = await login(browser);
  expectStatus(pending, 200);
  return { email, name, browser, pending_token: pending.body.pending_token as string, reply: pending };
}
async function signedUp(kit: AxumKitStage) {
  const { browser, pending_token, email } = await newcomer(kit);
  const handle = kit.handle();
  expectStatus(await browser.post('/v0/auth/complete-signup', { pending_token, handle }), 204);
  return { browser, email, handle };
}

axumKitOnEveryEngine('OAuth (spec §2.3, §3.1–3.3)', { providers, axumkit }, (kit) => {
  beforeAll(() => kit.world.clock.set(new Date().toISOString())); // the issuer's tokens tell real time
  beforeEach(() => void anotherCat());

  describe('authorize', () => {
    test('says where to go: code flow, PKCE, the application’s own page', async () => {
      const reply = await kit.browser().get('/v0/auth/oauth/github/authorize');
      expectStatus(reply, 200);
      const url = new URL(reply.body.auth_url);
      expect(`${url.origin}${url.pathname}`).toBe(`${fake.origin}/authorize`);
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        response_type: 'code',
        client_id: 'latchkey',
        code_challenge_method: 'S256',
        redirect_uri: axumkit.githubRedirectUri,
        scope: 'read:user user:email',
        state: expect.stringMatching(/^[0-9a-z]{45}$/),
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      });
    });

    test('the flow is login, link, or empty', async () => {
      const get = (flow: string) => kit.browser().get(`/v0/auth/oauth/google/authorize?flow=${flow}`);
      for (const flow of ['', 'login', 'link']) expectStatus(await get(flow), 200);
      for (const flow of ['Login', 'x', 'login&flow=link']) expectError(await get(flow), 400, 'general:bad_request');
    });

    test('other providers are no paths', async () => {
      expectError(await kit.browser().get('/v0/auth/oauth/corp/authorize'), 404, 'system:not_found');
    });
  });

  describe('login and complete-signup', () => {
    test('somebody new gets a pending token; a handle makes the account, verified and signed in', async () => {
      const { email, name, browser, pending_token, reply } = await newcomer(kit);
      expect(reply.body).toEqual({ pending_token: expect.stringMatching(/^[0-9a-z]{45}$/), email, display_name: name });
      expect(reply.setCookies.some((line) => line.startsWith('session_id='))).toBe(false);
      expect(await kit.world.app.mainProject.store.read.users.findByAuthEmail(email)).toBeNull();
      const handle = kit.handle();
      const done = await browser.post('/v0/auth/complete-signup', { pending_token, handle });
      expectStatus(done, 204);
      expect(done.setCookies[0]).toMatch(/^session_id=\w{45};.*; Max-Age=2592000$/);
      expect((await browser.get('/v0/user/me')).body).toMatchObject({
        email,
        handle,
        display_name: name,
        is_verified: true,
      });
      const again = await browser.post('/v0/auth/complete-signup', { pending_token, handle: kit.handle() });
      expectError(again, 401, 'user:token_expired');
      expect((await kit.browser().get(`/v0/users/profile?handle=${handle}`)).status).toBe(200);
    });

    test('a display name of one’s own is taken', async () => {
      const { browser, pending_token } = await newcomer(kit);
      const body = { pending_token, handle: kit.handle(), display_name: 'Grace' };
      expectStatus(await browser.post('/v0/auth/complete-signup', body), 204);
      expect((await browser.get('/v0/user/me')).body.display_name).toBe('Grace');
    });

    test('whoever is known is signed in, with a persistent cookie', async () => {
      await signedUp(kit);
      const browser = kit.browser();
      const reply = await login(browser);
      expectStatus(reply, 204);
      expect(reply.setCookies[0]).toMatch(/^session_id=\w{45};.*Max-Age=2592000$/);
      expectStatus(await browser.get('/v0/user/me'), 200);
    });

    test('an address that has an account is never linked by itself: 409', async () => {
      const { email } = await kit.resident({ verified: true });
      anotherCat({ email });
      expectError(await login(kit.browser()), 409, 'oauth:email_already_exists');
    });

    test('the second factor is asked here too (core map F1)', async () => {
      const { browser, email, handle } = await signedUp(kit);
      const id = (await browser.get('/v0/user/me')).body.id;
      const { uri } = await kit.withTotp({ browser, email, handle, id });
      const other = kit.browser();
      const reply = await login(other);
      expectStatus(reply, 202);
      const { temp_token } = reply.body;
      expectStatus(await other.post('/v0/auth/totp/verify', { temp_token, code: kit.code(uri) }), 204);
      expectStatus(await other.get('/v0/user/me'), 200);
    });

    test('a banned person does not get in this way', async () => {
      const { browser } = await signedUp(kit);
      await kit.stage.ban((await browser.get('/v0/user/me')).body.id);
      expectError(await login(kit.browser()), 403, 'user:banned');
    });

    test('another browser cannot complete the sign-up', async () => {
      const { pending_token, browser } = await newcomer(kit);
      const body = { pending_token, handle: kit.handle() };
      expectError(await kit.browser().post('/v0/auth/complete-signup', body), 401, 'user:invalid_token');
      expectStatus(await browser.post('/v0/auth/complete-signup', body), 204);
    });

    test('it waits ten minutes, and a made-up token is as lost', async () => {
      const { pending_token, browser } = await newcomer(kit);
      kit.world.clock.advance(minutes(10));
      for (const given of [pending_token, 'x', '0'.repeat(45)]) {
        const reply = await browser.post('/v0/auth/complete-signup', { pending_token: given, handle: kit.handle() });
        expectError(reply, 401, 'user:token_expired');
      }
      const empty = await browser.post('/v0/auth/complete-signup', { pending_token: '', handle: kit.handle() });
      expectError(empty, 400, 'general:validation_error');
    });

    test('what is taken meanwhile leaves the token for another try', async () => {
      const { pending_token, browser, email } = await newcomer(kit);
      const { handle } = await kit.resident();
      const complete = (given: string) => browser.post('/v0/auth/complete-signup', { pending_token, handle: given });
      expectError(await complete(handle), 409, 'user:handle_already_exists');
      expectError(await complete('no'), 400, 'general:validation_error');
      const body = { email, handle: kit.handle(), display_name: 'Bob', password };
      expectStatus(await kit.browser().post('/v0/users', body), 201);
      expectError(await complete(kit.handle()), 409, 'oauth:email_already_exists');
    });

    test('the same account completed in two sign-ups: the second is oauth:account_already_linked', async () => {
      const { pending_token, browser } = await newcomer(kit);
      const second = await login(browser);
      expectStatus(second, 200);
      const complete = (given: string) =>
        browser.post('/v0/auth/complete-signup', { pending_token: given, handle: kit.handle() });
      expectStatus(await complete(pending_token), 204);
      expectError(await complete(second.body.pending_token), 409, 'oauth:account_already_linked');
    });

    test('of two completions at once one wins and the other is told no', async () => {
      const { pending_token, browser } = await newcomer(kit);
      const twin = await browser.copy();
      const replies = await Promise.all(
        [browser, twin].map((one) => one.post('/v0/auth/complete-signup', { pending_token, handle: kit.handle() })),
      );
      const statuses = replies.map(({ status }) => status).sort();
      expect(statuses[0]).toBe(204);
      expect([400, 401, 409]).toContain(statuses[1]);
    });

    test('an address that the provider did not verify is refused', async () => {
      anotherCat({ verified: false });
      expectError(await login(kit.browser()), 400, 'oauth:email_not_verified');
    });
  });

  describe('state (rule 7)', () => {
    test('unknown, malformed, reused, late, of another browser, provider or flow: oauth:invalid_state', async () => {
      const browser = kit.browser();
      const used = await stateFrom(browser);
      expectStatus(await login(browser, used), 200);
      const late = await stateFrom(browser);
      kit.world.clock.advance(seconds(300));
      for (const state of ['x', '0'.repeat(45), used, late]) {
        expectError(await login(browser, state), 400, 'oauth:invalid_state');
      }
      const foreign = await stateFrom(kit.browser());
      expectError(await login(browser, foreign), 400, 'oauth:invalid_state');
      expectError(await login(browser, await stateFrom(browser, 'link')), 400, 'oauth:invalid_state');
      expectError(await login(browser, await stateFrom(browser, '', 'google')), 400, 'oauth:invalid_state');
      const resident = await kit.resident();
      expectError(await link(resident.browser, await stateFrom(resident.browser)), 400, 'oauth:invalid_state');
    });

    test('a state that was tried in the wrong place is spent', async () => {
      const browser = kit.browser();
      const state = await stateFrom(browser);
      expectError(await login(kit.browser(), state), 400, 'oauth:invalid_state');
      expectError(await login(browser, state), 400, 'oauth:invalid_state');
    });

    test('empty fields break a rule', async () => {
      const browser = kit.browser();
      const send = (body: object) => browser.post('/v0/auth/oauth/github/login', body);
      expectError(await send({ code: '', state: 'x' }), 400, 'general:validation_error');
      expectError(await send({ code: 'x', state: '' }), 400, 'general:validation_error');
      expectError(await send({ code: 'x' }), 400, 'general:bad_request');
    });
  });

  describe('what providers get wrong (spec §3.2)', () => {
    type Change = Partial<typeof fake.answers>;
    const rows: readonly [string, Change, number, string][] = [
      [
        'a refused code',
        { token: { status: 400, body: { error: 'bad_verification_code' } } },
        400,
        'oauth:token_exchange_failed',
      ],
      ['an outage where tokens are made', { token: { status: 502, body: 'no' } }, 400, 'oauth:token_exchange_failed'],
      ['a refused profile call', { user: { status: 401, body: {} } }, 400, 'oauth:user_info_fetch_failed'],
      ['an outage at the profile', { user: { status: 503, body: {} } }, 400, 'oauth:user_info_fetch_failed'],
      ['a profile that is no JSON', { user: { body: '<html>' } }, 500, 'oauth:user_info_parse_failed'],
      ['a profile without an id', { user: { body: { login: 'x' } } }, 500, 'oauth:user_info_parse_failed'],
      ['no address at all', { emails: { body: [] } }, 500, 'oauth:user_info_parse_failed'],
    ];
    for (const [what, change, status, code] of rows) {
      test(what, async () => {
        const browser = kit.browser();
        const state = await stateFrom(browser);
        Object.assign(fake.answers, change);
        expectError(await login(browser, state), status, code);
      });
    }
  });

  describe('link, connections, unlink', () => {
    test('links, lists, signs in, unlinks; the address need not be the account’s', async () => {
      const { browser, email } = await kit.resident();
      expect((await browser.get('/v0/auth/oauth/connections')).body).toEqual({ connections: [] });
      const linked = await link(browser);
      expectStatus(linked, 204);
      expect(linked.text).toBe('');
      const { body } = await browser.get('/v0/auth/oauth/connections');
      expect(body).toEqual({ connections: [{ provider: 'Github', created_at: expect.stringMatching(/Z$/) }] });
      const other = kit.browser();
      expectStatus(await login(other), 204);
      expect((await other.get('/v0/user/me')).body.email).toBe(email);
      expectStatus(await browser.post('/v0/auth/oauth/connections/unlink', { provider: 'Github' }), 204);
      expect((await browser.get('/v0/auth/oauth/connections')).body.connections).toEqual([]);
      const gone = await browser.post('/v0/auth/oauth/connections/unlink', { provider: 'Github' });
      expectError(gone, 404, 'oauth:connection_not_found');
    });

    test('one account of a provider for a person, one person for an account', async () => {
      const { browser } = await kit.resident();
      expectStatus(await link(browser), 204);
      expectError(await link(browser), 409, 'oauth:account_already_linked');
      const other = await kit.resident();
      expectError(await link(other.browser), 409, 'oauth:account_already_linked');
      anotherCat();
      expectError(await link(browser), 409, 'oauth:account_already_linked');
    });

    test('the last way in stays', async () => {
      const { browser } = await signedUp(kit);
      const reply = await browser.post('/v0/auth/oauth/connections/unlink', { provider: 'Github' });
      expectError(reply, 400, 'oauth:cannot_unlink_last_connection');
    });

    test('providers are spelled in one way', async () => {
      const { browser } = await kit.resident();
      const unlink = (provider: unknown) => browser.post('/v0/auth/oauth/connections/unlink', { provider });
      for (const bad of ['github', 'GitHub', 'Corp', '', null, 5]) {
        expectError(await unlink(bad), 400, 'general:bad_request');
      }
      for (const known of ['Google', 'Github', 'Discord', 'X', 'Microsoft']) {
        expectError(await unlink(known), 404, 'oauth:connection_not_found');
      }
    });

    test('all of it needs a session', async () => {
      const stranger = kit.browser();
      expectError(await link(stranger), 401, 'user:unauthorized');
      expectError(await stranger.get('/v0/auth/oauth/connections'), 401, 'user:unauthorized');
      const reply = await stranger.post('/v0/auth/oauth/connections/unlink', { provider: 'Github' });
      expectError(reply, 401, 'user:unauthorized');
    });

    test('a link is bound to the browser that began it: nobody’s session is lent to a stranger’s account', async () => {
      const attacker = kit.browser();
      const state = await stateFrom(attacker, 'link');
      const victim = await kit.resident();
      expectError(await link(victim.browser, state), 400, 'oauth:invalid_state');
      expect((await victim.browser.get('/v0/auth/oauth/connections')).body.connections).toEqual([]);
    });
  });

  describe('Google', () => {
    const visit = async (browser: Browser, flow: 'login' | 'link') => {
      const { body } = await browser.get(`/v0/auth/oauth/google/authorize?flow=${flow}`);
      const back = (await issuer.visit(body.auth_url)).searchParams;
      return browser.post(`/v0/auth/oauth/google/${flow}`, Object.fromEntries(back));
    };

    test('signs up and in; its word on the address is asked for', async () => {
      issuer.signInAs({ sub: `g${cats}`, email: `g${cats}@example.org`, email_verified: true, name: 'Gee' });
      const browser = kit.browser();
      const pending = await visit(browser, 'login');
      expectStatus(pending, 200);
      expect(pending.body).toMatchObject({ email: `g${cats}@example.org`, display_name: 'Gee' });
      const body = { pending_token: pending.body.pending_token, handle: kit.handle() };
      expectStatus(await browser.post('/v0/auth/complete-signup', body), 204);
      expect((await browser.get('/v0/auth/oauth/connections')).body.connections[0].provider).toBe('Google');
    });

    test('an unverified address is oauth:email_not_verified, at login and link', async () => {
      issuer.signInAs({ sub: `u${cats}`, email: `u${cats}@example.org`, email_verified: false });
      expectError(await visit(kit.browser(), 'login'), 400, 'oauth:email_not_verified');
      const { browser } = await kit.resident();
      expectError(await visit(browser, 'link'), 400, 'oauth:email_not_verified');
    });
  });
});

axumKitOnOneEngine('OAuth that is not configured', { providers: [fake.config()] }, (kit) => {
  test('without a redirect URI: oauth:invalid_redirect_url', async () => {
    expectError(await kit.browser().get('/v0/auth/oauth/github/authorize'), 400, 'oauth:invalid_redirect_url');
  });
});

const broken = fake.config({ settings: { authorizationEndpoint: 'javascript:alert(1)', tokenEndpoint: 'nowhere' } });
axumKitOnOneEngine('OAuth that is misconfigured', { providers: [broken], axumkit }, (kit) => {
  test('endpoints that are no web addresses: oauth:invalid_auth_url', async () => {
    expectError(await kit.browser().get('/v0/auth/oauth/github/authorize'), 400, 'oauth:invalid_auth_url');
  });

  test('a provider that is not configured is not there', async () => {
    expectError(await kit.browser().get('/v0/auth/oauth/google/authorize'), 404, 'system:not_found');
  });
});

axumKitOnOneEngine(
  'OAuth while sign-up is closed',
  { providers, axumkit, policy: { 'signUp.enabled': false } },
  (kit) => {
    test('somebody new is refused before anything is promised', async () => {
      anotherCat();
      expectError(await login(kit.browser()), 403, 'user:permission_insufficient');
    });
  },
);
