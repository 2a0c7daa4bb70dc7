import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { minutes } from '../../../src/base/clock.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { banUser } from '../../../src/core/users/ban-user.ts';
import type { Browser, Reply } from '../../kit/browser.ts';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { startOidcIssuer } from '../../kit/oidc-issuer.ts';
import { onOneEngine, type Stage } from '../../kit/stage.ts';

const issuer = await startOidcIssuer({ anyRedirect: true });
const fake = await startFakeOAuth();
afterAll(async () => {
  await issuer.close();
  await fake.close();
});

const providers = [
  issuer.config(),
  issuer.config({ key: 'quiet', disableProviderLogout: true }),
  issuer.config({ key: 'named', postLogoutRedirectUri: 'https://app.example.com/bye' }),
  fake.config(),
  fake.config({ key: 'untrusted', trusted: false }),
  fake.config({ key: 'closed', signUp: false }),
  fake.config({ key: 'careful', implicitSignUp: false }),
  fake.config({ key: 'strict', requireVerifiedEmail: true }),
];

/** Fields of a flow with a place of its own for every end. */
const ends = { callbackURL: '/home', newUserCallbackURL: '/welcome', errorCallbackURL: '/failed?a=1' };
const location = (reply: Reply) => reply.headers.get('location');

let people = 0;
/** From now on the fake provider sends somebody nobody knows. */
function anotherCat(emails?: { email?: string; verified?: boolean }) {
  people += 1;
  fake.reset();
  const email = emails?.email ?? `cat${people}@example.org`;
  fake.answers.user = { body: { id: 9000 + people, login: `cat${people}`, name: `Cat ${people}`, avatar_url: null } };
  fake.answers.emails = { body: [{ email, primary: true, verified: emails?.verified ?? true }] };
  return email;
}

const start = (browser: Browser, body: Record<string, unknown> = {}) =>
  browser.post('/sign-in/social', { provider: 'github', ...ends, ...body });
const stateOf = (started: Reply) => new URL(started.body.url).searchParams.get('state')!;
async function visit(browser: Browser, body: Record<string, unknown> = {}): Promise<Reply> {
  const started = await start(browser, body);
  return browser.get(`/callback/${body.provider ?? 'github'}?code=abc&state=${stateOf(started)}`);
}

onOneEngine('POST /sign-in/social and the callback', { providers }, (stage: Stage) => {
  beforeAll(() => stage.world.clock.set(new Date().toISOString())); // the issuer's tokens tell real time
  beforeEach(() => void anotherCat());

  describe('the start', () => {
    test('answers where to go: client, state, redirect URI of the public URL, PKCE; scopes are added', async () => {
      const reply = await start(stage.browser(), {
        scopes: ['gist'],
        loginHint: 'ada',
        additionalParams: { prompt: 'login' },
      });
      expect(reply.status).toBe(200);
      const url = new URL(reply.body.url);
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        response_type: 'code',
        client_id: 'latchkey',
        state: expect.stringMatching(/^[A-Za-z0-9_-]{32,}$/),
        redirect_uri: `${stage.world.betterAuthUrl}/callback/github`,
        code_challenge_method: 'S256',
        code_challenge: expect.any(String),
        login_hint: 'ada',
        prompt: 'login',
      });
      expect(url.searchParams.get('scope')).toBe('read:user user:email gist');
      expect(reply.body.redirect).toBe(true);
      expect(location(reply)).toBe(reply.body.url);
      expect(reply.setCookies).toEqual([
        expect.stringMatching(/^better-auth\.state-[\w-]{12}=[^;]+; Max-Age=300; Path=\/; HttpOnly; SameSite=Lax$/),
      ]);
    });

    test('disableRedirect: redirect is false and there is no Location', async () => {
      const reply = await start(stage.browser(), { disableRedirect: true });
      expect([reply.body.redirect, location(reply)]).toEqual([false, null]);
    });

    test('unknown provider, reserved parameter, untrusted addresses', async () => {
      const unknown = await start(stage.browser(), { provider: 'nobody' });
      expect([unknown.status, unknown.body]).toEqual([
        404,
        { message: 'Provider not found', code: 'PROVIDER_NOT_FOUND' },
      ]);
      for (const name of ['state', 'client_id', 'redirect_uri', 'response_type', 'code_challenge', 'nonce', 'scope']) {
        expect((await start(stage.browser(), { additionalParams: { [name]: 'x' } })).status).toBe(400);
      }
      for (const [field, code] of [
        ['callbackURL', 'INVALID_CALLBACK_URL'],
        ['newUserCallbackURL', 'INVALID_NEW_USER_CALLBACK_URL'],
        ['errorCallbackURL', 'INVALID_ERROR_CALLBACK_URL'],
      ] as const) {
        const reply = await start(stage.browser(), { [field]: 'https://evil.example' });
        expect([reply.status, reply.body.code]).toEqual([403, code]);
      }
    });
  });

  describe('the way back', () => {
    test('a new user goes to newUserCallbackURL signed in, a known one to callbackURL', async () => {
      const browser = stage.browser();
      const first = await visit(browser);
      expect([first.status, location(first), first.text]).toEqual([302, `${stage.world.url}/welcome`, '']);
      expect(first.setCookies).toEqual([
        expect.stringMatching(/^better-auth\.state-[\w-]{12}=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/),
        expect.stringMatching(/^better-auth\.session_token=.*; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/),
      ]);
      const { user } = (await browser.get('/get-session')).body;
      expect(user).toMatchObject({ name: `Cat ${people}`, emailVerified: true });
      expect(location(await visit(stage.browser()))).toBe(`${stage.world.url}/home`);
      expect((await browser.get('/list-sessions')).body).toHaveLength(2);
    });

    test('two tabs on their way at once both come back, whichever is first', async () => {
      const browser = stage.browser();
      const [one, two] = await Promise.all([start(browser), start(browser)]);
      for (const started of [two, one]) {
        anotherCat();
        const back = await browser.get(`/callback/github?code=abc&state=${stateOf(started)}`);
        expect(location(back)).toBe(`${stage.world.url}/welcome`);
      }
      const again = await browser.get(`/callback/github?code=abc&state=${stateOf(one)}`);
      expect(location(again)).toMatch(/error=state_mismatch/);
    });

    test('cookies whose names were not made here change nothing', async () => {
      const odd = Array.from({ length: 8 }, (_, at) => `better-auth.state-${at}[odd]=x`).join('; ');
      const started = await stage.browser().post('/sign-in/social', { provider: 'github', ...ends }, { cookie: odd });
      expect([started.status, started.setCookies.length]).toEqual([200, 1]);
    });

    test('as many as a browser keeps: the one begun first ends', async () => {
      const browser = stage.browser();
      const started: Reply[] = [];
      for (let tab = 0; tab < 6; tab += 1) started.push(await start(browser));
      const finish = (reply: Reply) => browser.get(`/callback/github?code=abc&state=${stateOf(reply)}`);
      expect(location(await finish(started[0]!))).toMatch(/error=state_mismatch/);
      expect(location(await finish(started[1]!))).toBe(`${stage.world.url}/welcome`);
    });

    test('without newUserCallbackURL a new user goes to callbackURL, without that to the root', async () => {
      expect(location(await visit(stage.browser(), { newUserCallbackURL: undefined }))).toBe(`${stage.world.url}/home`);
      anotherCat();
      const nowhere = { newUserCallbackURL: undefined, callbackURL: undefined };
      expect(location(await visit(stage.browser(), nowhere))).toBe(`${stage.world.url}/`);
    });

    test('a real OpenID provider, nonce and all', async () => {
      issuer.signInAs({
        sub: `oidc-${people}`,
        email: `oidc${people}@example.org`,
        email_verified: true,
        name: 'Olive',
      });
      const browser = stage.browser();
      const started = await start(browser, { provider: 'corp' });
      const back = await browser.get((await issuer.visit(started.body.url)).href);
      expect(location(back)).toBe(`${stage.world.url}/welcome`);
      expect((await browser.get('/get-session')).body.user).toMatchObject({ name: 'Olive', emailVerified: true });
    });

    test('no state: the default error page says state_not_found', async () => {
      const reply = await stage.browser().get('/callback/github?code=abc');
      expect([reply.status, location(reply)]).toEqual([
        302,
        `${stage.world.betterAuthUrl}/error?error=state_not_found`,
      ]);
    });

    test.each([
      ['unknown', (state: string) => state.replace(/^./, (first) => (first === '0' ? '1' : '0'))],
      ['a prefix', (state: string) => state.slice(0, 20)],
    ])('a state that is %s is state_mismatch', async (_what, change) => {
      const browser = stage.browser();
      const state = stateOf(await start(browser));
      const reply = await browser.get(`/callback/github?code=abc&state=${change(state)}`);
      expect(location(reply)).toBe(`${stage.world.betterAuthUrl}/error?error=state_mismatch`);
    });

    test('another browser, with no state cookie or its own: state_mismatch at the error address of the flow, and the state is spent', async () => {
      const browser = stage.browser();
      const state = stateOf(await start(browser));
      const thief = stage.browser();
      await start(thief);
      const reply = await thief.get(`/callback/github?code=abc&state=${state}`);
      expect(location(reply)).toBe(`${stage.world.url}/failed?a=1&error=state_mismatch`);
      expect(await thief.cookie('better-auth.session_token')).toBeUndefined();
      expect(location(await browser.get(`/callback/github?code=abc&state=${state}`))).toContain('error=state_mismatch');
    });

    test('a state works once, for ten minutes, for its provider', async () => {
      const browser = stage.browser();
      const state = stateOf(await start(browser));
      await browser.get(`/callback/github?code=abc&state=${state}`);
      expect(location(await browser.get(`/callback/github?code=abc&state=${state}`))).toContain('error=state_mismatch');
      const late = stateOf(await start(browser));
      stage.world.clock.advance(minutes(10));
      expect(location(await browser.get(`/callback/github?code=abc&state=${late}`))).toContain('error=state_mismatch');
      const other = stateOf(await start(browser));
      expect(location(await browser.get(`/callback/corp?code=abc&state=${other}`))).toContain('error=state_mismatch');
    });

    test("the provider's own error goes through with its description", async () => {
      const browser = stage.browser();
      const state = stateOf(await start(browser));
      const reply = await browser.get(
        `/callback/github?error=access_denied&error_description=No+thanks&state=${state}`,
      );
      expect(location(reply)).toBe(`${stage.world.url}/failed?a=1&error=access_denied&error_description=No+thanks`);
    });

    test('no code; a code the provider refuses; a profile that is none', async () => {
      const browser = stage.browser();
      const state = stateOf(await start(browser));
      expect(location(await browser.get(`/callback/github?state=${state}`))).toContain('/failed?a=1&error=no_code');
      fake.answers.token = { body: { error: 'bad_verification_code' } };
      expect(location(await visit(browser))).toContain('error=invalid_code');
      anotherCat();
      fake.answers.user = { body: { message: 'Bad credentials' } };
      expect(location(await visit(browser))).toContain('error=unable_to_get_user_info');
      anotherCat();
      fake.answers.emails = { body: [] };
      expect(location(await visit(browser))).toContain('error=email_not_found');
      expect(await browser.cookie('better-auth.session_token')).toBeUndefined();
    });

    test('what is no response at all is invalid_callback_request', async () => {
      const told = `${stage.world.betterAuthUrl}/error?error=invalid_callback_request`;
      for (const query of ['state=a&state=b', `state=${'x'.repeat(5_000)}`, 'code=%00', 'code[]=1&code=2&code=3']) {
        const reply = await stage.browser().get(`/callback/github?${query}`);
        expect([query.slice(0, 20), reply.status, location(reply)]).toEqual([query.slice(0, 20), 302, told]);
      }
      const posted = await stage.browser().post('/callback/github', { state: 1, code: { a: 1 } });
      expect(location(posted)).toBe(told);
    });

    test('a posted response is sent round as GET, without cookies of its own', async () => {
      const body = new URLSearchParams({ code: 'a b', state: 'x&y' }).toString();
      const type = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://appleid.apple.com' };
      const reply = await stage.browser().send('POST', '/callback/github?iss=z', body, type);
      expect([reply.status, reply.setCookies]).toEqual([302, []]);
      const url = new URL(location(reply)!);
      expect(url.href.split('?')[0]).toBe(`${stage.world.betterAuthUrl}/callback/github`);
      expect(Object.fromEntries(url.searchParams)).toEqual({ code: 'a b', state: 'x&y', iss: 'z' });
    });
  });

  describe('who is it (spec §3.1)', () => {
    test('an address verified on both sides is linked, in any letter case', async () => {
      const member = await stage.member({ verified: true });
      anotherCat({ email: member.email.toUpperCase() });
      const browser = stage.browser();
      expect(location(await visit(browser))).toBe(`${stage.world.url}/home`);
      expect((await browser.get('/get-session')).body.user.id).toBe(member.id);
    });

    test.each([
      ['the local address is not verified', false, {}, {}],
      ['the provider did not verify it', true, { verified: false }, {}],
      ['the provider is not trusted', true, {}, { provider: 'untrusted' }],
    ])('account_not_linked: %s', async (_why, verified, emails, body) => {
      const member = await stage.member({ verified });
      anotherCat({ email: member.email, ...emails });
      const browser = stage.browser();
      expect(location(await visit(browser, body))).toBe(`${stage.world.url}/failed?a=1&error=account_not_linked`);
      expect((await browser.get('/get-session')).text).toBe('null');
    });

    test('sign-up off: signup_disabled; implicit sign-up off: only with requestSignUp', async () => {
      expect(location(await visit(stage.browser(), { provider: 'closed' }))).toContain('error=signup_disabled');
      expect(location(await visit(stage.browser(), { provider: 'careful' }))).toContain('error=signup_disabled');
      expect(location(await visit(stage.browser(), { provider: 'careful', requestSignUp: true }))).toContain(
        '/welcome',
      );
    });

    test('required verification: email_not_verified', async () => {
      anotherCat({ verified: false });
      expect(location(await visit(stage.browser(), { provider: 'strict' }))).toContain('error=email_not_verified');
    });

    test('an empty name is fine; additionalData of the client overrides nothing', async () => {
      fake.answers.user = { body: { id: 5000 + people, login: '', name: '' } };
      const browser = stage.browser();
      const additionalData = {
        callbackURL: 'https://evil.example',
        codeVerifier: 'x',
        newUserURL: 'https://evil.example',
        link: { userId: 'x' },
      };
      expect(location(await visit(browser, { additionalData }))).toBe(`${stage.world.url}/welcome`);
      expect((await browser.get('/get-session')).body.user.name).toBe('');
    });

    test('banned: BANNED_USER with a description, no session', async () => {
      const browser = stage.browser();
      await visit(browser);
      const { id } = (await browser.get('/get-session')).body.user;
      const ctx = stage.world.app.mainProject.context('cli');
      await banUser(ctx, systemActor, { userId: id, reason: null, seconds: null });
      const reply = await visit(stage.browser());
      expect(location(reply)).toContain('/failed?a=1&error=BANNED_USER&error_description=You+have+been+banned');
    });
  });

  describe('ID tokens (spec §3.1b)', () => {
    const idToken = async (claims: Record<string, unknown> = {}) =>
      issuer.idToken({
        sub: `id-${people}`,
        email: `id${people}@example.org`,
        email_verified: true,
        iat: now(),
        exp: now() + 300,
        ...claims,
      });
    const now = () => Math.floor(stage.world.clock.now() / 1000);
    const present = async (token: string, browser = stage.browser(), more: Record<string, unknown> = {}) =>
      browser.post('/sign-in/social', { provider: 'corp', idToken: { token, ...more } });

    test('signs in without a redirect', async () => {
      const browser = stage.browser();
      const reply = await present(await idToken(), browser);
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({
        redirect: false,
        token: expect.any(String),
        user: expect.objectContaining({ email: `id${people}@example.org` }),
      });
      expect((await browser.get('/get-session')).body.session.token).toBe(reply.body.token);
    });

    test.each([
      ['of another audience', { aud: 'somebody-else' }],
      ['of another issuer', { iss: 'https://evil.example' }],
      ['that has expired', { exp: 1 }],
    ])('401 for one %s', async (_what, claims) => {
      const reply = await present(await idToken(claims));
      expect([reply.status, reply.body]).toEqual([401, { message: 'Invalid token', code: 'INVALID_TOKEN' }]);
    });

    test('is taken once, by whoever shows it first', async () => {
      const token = await idToken({ nonce: 'once' });
      const replies = await Promise.all([present(token), present(token), present(token)]);
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    });

    test('a nonce that was asked for must be in it', async () => {
      expect((await present(await idToken({ nonce: 'n' }), undefined, { nonce: 'n' })).status).toBe(200);
      expect((await present(await idToken({ nonce: 'n' }), undefined, { nonce: 'other' })).status).toBe(401);
      expect((await present(await idToken(), undefined, { nonce: 'n' })).status).toBe(401);
    });

    test('a provider without ID tokens is 404 ID_TOKEN_NOT_SUPPORTED', async () => {
      const reply = await stage.browser().post('/sign-in/social', { provider: 'github', idToken: { token: 'x' } });
      expect([reply.status, reply.body.code]).toEqual([404, 'ID_TOKEN_NOT_SUPPORTED']);
    });

    test('an address that is taken and unverified is a link error', async () => {
      const { email } = await stage.member();
      const reply = await present(await idToken({ email }));
      expect([reply.status, reply.body]).toEqual([401, { message: 'account not linked', code: 'OAUTH_LINK_ERROR' }]);
    });

    test('no address: USER_EMAIL_NOT_FOUND', async () => {
      const reply = await present(await idToken({ email: undefined }));
      expect([reply.status, reply.body.code]).toEqual([401, 'USER_EMAIL_NOT_FOUND']);
    });
  });

  describe('POST /sign-out at the provider', () => {
    const signedInThere = async (provider = 'corp') => {
      issuer.signInAs({ sub: `out-${people}`, email: `out${people}@example.org`, email_verified: true });
      const browser = stage.browser();
      const started = await start(browser, { provider });
      await browser.get((await issuer.visit(started.body.url)).href);
      expect((await browser.get('/get-session')).body).not.toBeNull();
      return browser;
    };

    test('answers the end-session address with hint, return address and state', async () => {
      const browser = await signedInThere();
      const reply = await browser.post('/sign-out', { callbackURL: `${stage.world.url}/bye`, state: 's' });
      expect(reply.body).toEqual({ success: true, url: expect.any(String), redirect: true });
      expect(location(reply)).toBe(reply.body.url);
      const url = new URL(reply.body.url);
      expect(url.origin).toBe(issuer.issuer);
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        id_token_hint: expect.any(String),
        post_logout_redirect_uri: `${stage.world.url}/bye`,
        state: 's',
      });
      expect((await browser.get('/get-session')).text).toBe('null');
    });

    test('disableRedirect leaves the choice to the client', async () => {
      const reply = await (await signedInThere()).post('/sign-out', { disableRedirect: true });
      expect(reply.body).toMatchObject({ success: true, redirect: false, url: expect.any(String) });
    });

    test('a path is one of the application', async () => {
      const { body } = await (await signedInThere()).post('/sign-out', { callbackURL: '/bye' });
      expect(new URL(body.url).searchParams.get('post_logout_redirect_uri')).toBe(`${stage.world.url}/bye`);
    });

    test('postLogoutRedirectUri is where people go who are sent nowhere', async () => {
      const back = async (body: object) =>
        new URL((await (await signedInThere('named')).post('/sign-out', body)).body.url).searchParams.get(
          'post_logout_redirect_uri',
        );
      expect(await back({})).toBe('https://app.example.com/bye');
      expect(await back({ callbackURL: '/bye' })).toBe(`${stage.world.url}/bye`);
    });

    test('disableProviderLogout: only here', async () => {
      const browser = await signedInThere('quiet');
      expect((await browser.post('/sign-out')).body).toEqual({ success: true });
      expect((await browser.get('/get-session')).text).toBe('null');
    });

    test('a provider without such a place: only here', async () => {
      const browser = stage.browser();
      await visit(browser);
      expect((await browser.post('/sign-out')).body).toEqual({ success: true });
    });
  });
});
