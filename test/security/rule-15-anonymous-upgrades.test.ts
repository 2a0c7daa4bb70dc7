import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemActor } from '../../src/core/actor.ts';
import { editUserByAdmin } from '../../src/core/users/edit-user-by-admin.ts';
import { Authenticator } from '../kit/authenticator.ts';
import { Browser, type Reply } from '../kit/browser.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { type HexclaveProject, hexclaveOnEveryEngine, password, type SignedIn } from '../kit/hexclave.ts';
import { challenge, comesAs, oauthSite, page, stateOf } from '../kit/hexclave-oauth.ts';
import { startOidcIssuer } from '../kit/oidc-issuer.ts';
import { tokenIn } from '../kit/stage.ts';
import { aProject, defaultBetterAuth } from '../kit/test-config.ts';

const fake = await startFakeOAuth();
const issuer = await startOidcIssuer({ anyRedirect: true });
afterAll(async () => {
  await fake.close();
  await issuer.close();
});

const callback_url = 'http://localhost:3000/x';
const otherPassword = 'battery staple';
const secret = Buffer.alloc(20, 5).toString('base64');

/** Whoever made the anonymous person holds everything that can be had of it; the victim goes on with its session. */
interface Planted {
  readonly id: string;
  readonly session: SignedIn;
  /** Does it open the person's account? */
  readonly opens: Readonly<Record<string, (email: string) => Promise<boolean>>>;
  /** A browser that was given the session. */
  readonly browser: Browser;
}

const projects = [
  aProject({
    policy: { 'providers.linkDifferentEmails': true },
    providers: [fake.config(), issuer.config()],
    betterAuth: { ...defaultBetterAuth, anonymous: true, oneTimeToken: true },
  }),
];

hexclaveOnEveryEngine('rule 15: upgrades of anonymous people', { projects }, (stage) => {
  let project: HexclaveProject;
  beforeAll(async () => {
    stage.world.clock.set(new Date().toISOString()); // the issuer's tokens tell real time
    project = await stage.existing(stage.world.app.mainProject.project.id);
    await project.configure({
      'auth.password.allowSignIn': true,
      'auth.otp.allowSignIn': true,
      'auth.passkey.allowSignIn': true,
      'apiKeys.enabled.user': true,
      'domains.allowLocalhost': true,
      ...Object.fromEntries(
        ['type', 'isShared', 'allowSignIn', 'allowConnectedAccounts'].map((name) => [
          `auth.oauth.providers.github.${name}`,
          name === 'type' ? 'github' : true,
        ]),
      ),
    });
  });
  beforeEach(() => fake.reset());

  let networks = 0;
  const browserOf = (token?: string): Browser => {
    networks += 1;
    return new Browser(stage.world.betterAuthUrl, {
      'x-forwarded-for': `203.0.${networks & 255}.7`,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    });
  };
  const holds = async (token: string, id: string) => (await browserOf(token).get('/get-session')).body?.user.id === id;
  const refreshes = async (refreshToken: string) =>
    (await project.request('POST /auth/sessions/current/refresh', { refreshToken })).status === 200;
  /** Let in, or asked for the second factor that was planted with the rest. */
  const entered = ({ status, body }: { readonly status: number; readonly body: { readonly code?: string } }) =>
    status === 200 || body.code === 'MULTI_FACTOR_AUTHENTICATION_REQUIRED';
  const personOf = async (id: string) => (await project.request(`GET /users/${id}`, { access: 'server' })).body;

  async function plant(): Promise<Planted> {
    const session: SignedIn = (await project.request('POST /auth/anonymous/sign-up')).body;
    const { access_token: token, refresh_token: refreshToken, user_id: id } = session;
    const browser = browserOf(refreshToken);
    const ask = async (route: `${string} /${string}`, body: unknown = {}) => {
      const reply = await project.request(route, { token, refreshToken, body });
      if (reply.status >= 300) throw new Error(`${route} answered ${reply.status} ${reply.text}`);
      return reply.body;
    };
    // First: a change of factors ends codes by itself.
    await ask('PATCH /users/me', { totp_secret_base64: secret });
    const claimable = await ask('POST /auth/cli', { anon_refresh_token: refreshToken });
    const approved = await ask('POST /auth/cli');
    await ask('POST /auth/cli/complete', { login_code: approved.login_code, refresh_token: refreshToken });
    const oneTime = (await browser.get('/one-time-token/generate')).body.token;
    const shared = (await ask('POST /auth/oauth/cross-domain/authorize', {
      ...{ redirect_uri: page, state: 's', code_challenge: challenge },
    })) as { redirect_url: string };
    const site = oauthSite(project);
    comesAs(fake, null);
    const outer = (await site.roundTrip('github', { type: 'link', token })).searchParams.get('code')!;
    const underway = stateOf(await site.authorize('github', { type: 'link', token, hexclave_response_mode: 'json' }));
    const key = (await ask('POST /user-api-keys', { user_id: id, description: 'x', expires_at_millis: null })).value;
    await ask('POST /auth/password/set', { password: otherPassword });
    const authenticator = new Authenticator();
    const origin = 'http://localhost:3000';
    const { options_json: make, code } = await ask('POST /auth/passkey/initiate-passkey-registration');
    const credential = authenticator.create({ ...make, rp: { ...make.rp, id: 'localhost' } }, origin);
    await ask('POST /auth/passkey/register', { credential, code });

    const opens: Planted['opens'] = {
      'session token': () => holds(refreshToken, id),
      'refresh token': () => refreshes(refreshToken),
      'access token': async () => (await project.request('GET /users/me', { token })).status === 200,
      async 'session for a browser to claim'() {
        const body = { login_code: claimable.login_code, mode: 'claim-anon-session' };
        return (await project.request('POST /auth/cli/complete', { body })).status === 200;
      },
      async 'session that a program waits for'() {
        const { polling_code } = approved;
        const { body } = await project.request('POST /auth/cli/poll', { body: { polling_code } });
        return body.refresh_token !== undefined && (await refreshes(body.refresh_token));
      },
      'one-time token': async () =>
        (await browserOf().post('/one-time-token/verify', { token: oneTime })).status === 200,
      async 'code of another domain'() {
        const value = new URL(shared.redirect_url).searchParams.get('code')!;
        return (await site.exchange(value)).status === 200;
      },
      async 'link that is under way'() {
        const reply = await site.callback('github', { code: 'x', state: underway });
        return reply.headers.get('location')?.includes('code=') === true;
      },
      async 'API key'() {
        const reply = await project.request('POST /user-api-keys/check', { access: 'server', body: { api_key: key } });
        return reply.status === 200;
      },
      async password(email) {
        const reply = await project.request('POST /auth/password/sign-in', {
          body: { email, password: otherPassword },
        });
        return entered(reply);
      },
      async passkey() {
        const begun = (await project.request('POST /auth/passkey/initiate-passkey-authentication', { body: {} })).body;
        const authentication_response = authenticator.get({ ...begun.options_json, rpId: 'localhost' }, origin);
        const body = { authentication_response, code: begun.code };
        return entered(await project.request('POST /auth/passkey/sign-in', { body }));
      },
      'code of a link': async () => entered(await site.exchange(outer)),
    };
    return { id, session, opens, browser };
  }

  /** Makes the anonymous person somebody; the token that the answer goes on with, null where it gives none. */
  type Way = (planted: Planted, email: string) => Promise<string | null>;
  const ok = <T extends { readonly status: number; readonly text: string }>(reply: T): T => {
    if (reply.status >= 400) throw new Error(`answered ${reply.status} ${reply.text}`);
    return reply;
  };
  const handedOut = (reply: Reply): string | null => {
    const header = ok(reply).headers.get('set-auth-token');
    return header === null ? null : decodeURIComponent(header).split('.')[0]!;
  };
  const newest = async (email: string) => (await project.mails(email))[0]!;
  const catOf = (email: string) => void comesAs(fake, email);
  const idToken = (email: string) =>
    issuer.idToken({
      ...{ sub: email, email, email_verified: true, name: 'Ada' },
      ...{ iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 300 },
    });
  const throughProvider = async (browser: Browser, path: '/sign-in/social' | '/link-social') => {
    const started = ok(await browser.post(path, { provider: 'github', callbackURL: '/home' }));
    const state = new URL(started.body.url).searchParams.get('state');
    return browser.get(`/callback/github?code=abc&state=${state}`);
  };
  const changeAddress = async (browser: Browser, email: string) => {
    ok(await browser.post('/change-email', { newEmail: email }));
    return (await newest(email)).links[0]!;
  };
  const asPerson = (session: SignedIn) => ({ token: session.access_token, refreshToken: session.refresh_token });

  const ways: Readonly<Record<string, Way>> = {
    'Better Auth: sign-up': async ({ browser }, email) =>
      handedOut(await browser.post('/sign-up/email', { email, password, name: 'Ada' })),
    async 'Better Auth: mailed link'({ browser }, email) {
      ok(await browser.post('/sign-in/magic-link', { email, callbackURL: '/' }));
      return handedOut(await browser.get((await newest(email)).links[0]!));
    },
    async 'Better Auth: mailed code'({ browser }, email) {
      ok(await browser.post('/email-otp/send-verification-otp', { email, type: 'sign-in' }));
      const otp = /(?<!\d)\d{6}(?!\d)/.exec((await newest(email)).text)![0];
      return handedOut(await browser.post('/sign-in/email-otp', { email, otp }));
    },
    async 'Better Auth: provider'({ browser }, email) {
      catOf(email);
      return handedOut(await throughProvider(browser, '/sign-in/social'));
    },
    async 'Better Auth: ID token'({ browser }, email) {
      const body = { provider: 'corp', idToken: { token: await idToken(email) } };
      return handedOut(await browser.post('/sign-in/social', body));
    },
    async 'Better Auth: linking at the provider'({ browser }, email) {
      catOf(email);
      return handedOut(await throughProvider(browser, '/link-social'));
    },
    async 'Better Auth: linking by ID token'({ browser }, email) {
      const body = { provider: 'corp', idToken: { token: await idToken(email) } };
      return handedOut(await browser.post('/link-social', body));
    },
    'Better Auth: an address': async ({ browser }, email) =>
      handedOut(await browser.get(await changeAddress(browser, email))),
    async 'Better Auth: an address, proven in another browser'({ browser }, email) {
      return handedOut(await browserOf().get(await changeAddress(browser, email)));
    },
    async 'an administrator gives an address'({ id }, email) {
      await editUserByAdmin(stage.world.app.mainProject.context('cli'), systemActor, id, {
        email,
        emailVerified: true,
      });
      return null;
    },
    async 'Hexclave: sign-up'({ session }, email) {
      const reply = await project.request('POST /auth/password/sign-up', {
        ...asPerson(session),
        body: { email, password },
      });
      return ok(reply).body.refresh_token;
    },
    async 'Hexclave: sign-up with a session that a program handed over'({ session }, email) {
      const { body: login } = await project.request('POST /auth/cli', {
        body: { anon_refresh_token: session.refresh_token },
      });
      const claim = { login_code: login.login_code, mode: 'claim-anon-session' };
      const { body: claimed } = await project.request('POST /auth/cli/complete', { body: claim });
      const body = { email, password };
      return ok(await project.request('POST /auth/password/sign-up', { token: claimed.access_token, body })).body
        .refresh_token;
    },
    async 'Hexclave: mailed code'({ session }, email) {
      ok(await project.request('POST /auth/otp/send-sign-in-code', { body: { email, callback_url } }));
      const body = { code: tokenIn((await newest(email)).links[0]!) };
      return ok(await project.request('POST /auth/otp/sign-in', { ...asPerson(session), body })).body.refresh_token;
    },
    async 'Hexclave: provider'({ session }, email) {
      catOf(email);
      return ok(await oauthSite(project).signIn('github', { token: session.access_token })).body.refresh_token;
    },
    async 'Hexclave: linking'({ session }, email) {
      catOf(email);
      const change = { type: 'link', token: session.access_token };
      return ok(await oauthSite(project).signIn('github', change)).body.refresh_token;
    },
    async 'Hexclave: the server says so'({ id }, email) {
      const body = {
        is_anonymous: false,
        ...{ primary_email: email, primary_email_verified: true, primary_email_auth_enabled: true },
      };
      ok(await project.request(`PATCH /users/${id}`, { access: 'server', body }));
      return null;
    },
  };

  test('what was planted opens the anonymous person', async () => {
    const planted = await plant();
    for (const [kind, opens] of Object.entries(planted.opens)) {
      // It has no address to sign in with.
      if (kind !== 'password') expect([kind, await opens(stage.address())]).toEqual([kind, true]);
    }
  });

  test('a session that the server opened in the name of somebody anonymous makes another person', async () => {
    const guest: SignedIn = (await project.request('POST /auth/anonymous/sign-up')).body;
    const body = { user_id: guest.user_id, is_impersonation: true };
    const { body: opened } = await project.request('POST /auth/sessions', { access: 'server', body });
    const lent = { user_id: guest.user_id, ...opened } as SignedIn;
    const current = await project.request('POST /auth/sessions/current/refresh', { refreshToken: lent.refresh_token });
    const signedUp = ok(
      await project.request('POST /auth/password/sign-up', {
        token: current.body.access_token,
        body: { email: stage.address(), password },
      }),
    );
    expect(signedUp.body.user_id).not.toBe(guest.user_id);
    expect((await personOf(guest.user_id)).is_anonymous).toBe(true);
    expect(await refreshes(guest.refresh_token)).toBe(true);
  });

  test.each(Object.keys(ways))('%s', async (way) => {
    const planted = await plant();
    const email = stage.address();
    const next = await ways[way]!(planted, email);
    const person = await personOf(planted.id);
    expect(person).toMatchObject({ id: planted.id, is_anonymous: false, requires_totp_mfa: false });
    expect(person.has_password).toBe(way.includes('sign-up'));
    for (const [kind, opens] of Object.entries(planted.opens)) {
      expect([kind, await opens(email)]).toEqual([kind, false]);
    }
    if (next === null) return;
    expect(next).not.toBe(planted.session.refresh_token);
    expect(await holds(next, planted.id)).toBe(true);
    expect(await refreshes(next)).toBe(true);
  });
});

test('rule 15: one function writes that somebody is anonymous no longer', () => {
  const writers = readdirSync('src/core', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && readFileSync(join('src/core', file), 'utf8').includes('.users.endAnonymity('),
  );
  expect(writers).toEqual([join('users', 'end-anonymity.ts')]);
});
