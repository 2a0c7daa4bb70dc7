import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { days, hours } from '../../../src/base/clock.ts';
import type { Browser, Reply } from '../../kit/browser.ts';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { startOidcIssuer } from '../../kit/oidc-issuer.ts';
import { onOneEngine, password } from '../../kit/stage.ts';

const issuer = await startOidcIssuer({ anyRedirect: true });
const fake = await startFakeOAuth();
afterAll(async () => {
  await issuer.close();
  await fake.close();
});

const location = (reply: Reply) => reply.headers.get('location');
const ends = { callbackURL: '/home', errorCallbackURL: '/failed' };

let people = 0;
function catOf(email: string, verified = true, id = 4000 + ++people) {
  fake.reset();
  fake.answers.user = { body: { id, login: 'cat', name: 'Cat' } };
  fake.answers.emails = { body: [{ email, primary: true, verified }] };
  return String(id);
}

async function link(browser: Browser, provider = 'github'): Promise<Reply> {
  const started = await browser.post('/link-social', { provider, ...ends });
  const state = new URL(started.body.url).searchParams.get('state');
  return browser.get(`/callback/${provider}?code=abc&state=${state}`);
}

onOneEngine(
  'accounts',
  {
    providers: [issuer.config(), fake.config(), fake.config({ key: 'untrusted', trusted: false })],
  },
  (stage) => {
    beforeAll(() => stage.world.clock.set(new Date().toISOString()));
    beforeEach(() => void catOf('nobody@example.org'));
    const list = async (browser: Browser) => (await browser.get('/list-accounts')).body;

    describe('GET /list-accounts', () => {
      test('shows the password and the linked ones, never their tokens', async () => {
        const { browser, email, id } = await stage.member({ verified: true });
        const subject = catOf(email);
        await link(browser);
        const accounts = await list(browser);
        expect(accounts).toEqual([
          expect.objectContaining({
            providerId: 'credential',
            provider: 'credential',
            accountId: id,
            userId: id,
            scopes: [],
          }),
          expect.objectContaining({
            providerId: 'github',
            provider: 'github',
            accountId: subject,
            userId: id,
            scopes: ['read:user', 'user:email'],
          }),
        ]);
        expect(JSON.stringify(accounts)).not.toMatch(/gho_1|accessToken|refreshToken|password/);
      });

      test('needs a session', async () => {
        expect((await stage.browser().get('/list-accounts')).status).toBe(401);
      });
    });

    describe('POST /link-social', () => {
      test('the callback links and opens no new session', async () => {
        const { browser, email } = await stage.member({ verified: true });
        catOf(email);
        const reply = await link(browser);
        expect([reply.status, location(reply)]).toEqual([302, `${stage.world.url}/home`]);
        expect(reply.setCookies.join()).not.toContain('session_token');
        expect(await list(browser)).toHaveLength(2);
      });

      test('its own again renews; a second account of the provider is one more row', async () => {
        const { browser, email } = await stage.member({ verified: true });
        const first = catOf(email);
        await link(browser);
        await link(browser);
        expect(await list(browser)).toHaveLength(2);
        expect(catOf(email)).not.toBe(first);
        await link(browser);
        expect(await list(browser)).toHaveLength(3);
      });

      test.each([
        ['another address', 'email_does_not_match', 'github', true, 'other@example.org'],
        ['untrusted and unverified', 'unable_to_link_account', 'untrusted', false, null],
      ])('%s: %s', async (_what, code, provider, verified, other) => {
        const { browser, email } = await stage.member({ verified: true });
        catOf(other ?? email, verified);
        expect(location(await link(browser, provider))).toBe(`${stage.world.url}/failed?error=${code}`);
        expect(await list(browser)).toHaveLength(1);
      });

      test("somebody else's account: account_already_linked_to_different_user", async () => {
        const owner = await stage.member({ verified: true });
        const subject = Number(catOf(owner.email));
        await link(owner.browser);
        const { browser, email } = await stage.member({ verified: true });
        catOf(email, true, subject);
        expect(location(await link(browser))).toBe(
          `${stage.world.url}/failed?error=account_already_linked_to_different_user`,
        );
      });

      test('the session that asked must still be there, and nobody else signed in', async () => {
        const { browser, email } = await stage.member({ verified: true });
        catOf(email);
        const started = await browser.post('/link-social', { provider: 'github', ...ends });
        const state = new URL(started.body.url).searchParams.get('state');
        await browser.post('/sign-out');
        expect(location(await browser.get(`/callback/github?code=abc&state=${state}`))).toContain('/failed?error=');
        await browser.post('/sign-in/email', { email, password });
        expect(await list(browser)).toHaveLength(1);
      });

      test('by ID token: no redirect', async () => {
        const { browser, email } = await stage.member({ verified: true });
        const now = Math.floor(stage.world.clock.now() / 1000);
        const claims = { sub: `link-${email}`, email, email_verified: true, iat: now, exp: now + 300 };
        const body = async () => ({
          provider: 'corp',
          idToken: { token: await issuer.idToken({ ...claims, jti: crypto.randomUUID() }) },
        });
        const reply = await browser.post('/link-social', await body());
        expect([reply.status, reply.body]).toEqual([200, { url: '', status: true, redirect: false }]);
        const stranger = await stage.member({ verified: true });
        const taken = await stranger.browser.post('/link-social', await body());
        expect([taken.status, taken.body.code]).toEqual([409, 'SOCIAL_ACCOUNT_ALREADY_LINKED']);
        const other = { ...claims, sub: 'another', email: 'another@example.org' };
        const differs = await browser.post('/link-social', {
          provider: 'corp',
          idToken: { token: await issuer.idToken(other) },
        });
        expect([differs.status, differs.body.code]).toEqual([401, 'LINKING_DIFFERENT_EMAILS_NOT_ALLOWED']);
      });

      test('unknown provider 404, nobody signed in 401', async () => {
        const { browser } = await stage.member();
        expect((await browser.post('/link-social', { provider: 'nobody' })).body.code).toBe('PROVIDER_NOT_FOUND');
        expect((await stage.browser().post('/link-social', { provider: 'github' })).status).toBe(401);
      });
    });

    describe('POST /unlink-account', () => {
      test('the last way in stays', async () => {
        const { browser, id } = await stage.member();
        for (const body of [{ providerId: 'credential' }, { accountId: id }, { providerId: 'github' }]) {
          const reply = await browser.post('/unlink-account', body);
          expect([reply.status, reply.body]).toEqual([
            400,
            { message: "You can't unlink your last account", code: 'FAILED_TO_UNLINK_LAST_ACCOUNT' },
          ]);
        }
      });

      test.each([
        ['row id', (row: { id: string }) => ({ accountId: row.id })],
        ['provider', () => ({ providerId: 'github' })],
        [
          "provider and the provider's id",
          (row: { accountId: string }) => ({ providerId: 'github', accountId: row.accountId }),
        ],
        ['provider and row id', (row: { id: string }) => ({ providerId: 'github', accountId: row.id })],
      ])('takes only the chosen one, named by %s (§1.14)', async (_how, select) => {
        const { browser, email } = await stage.member({ verified: true });
        catOf(email);
        await link(browser);
        const row = (await list(browser))[1];
        expect((await browser.post('/unlink-account', select(row))).text).toBe('{"status":true}');
        expect((await list(browser)).map((account: { providerId: string }) => account.providerId)).toEqual([
          'credential',
        ]);
      });

      test("unknown and somebody else's are ACCOUNT_NOT_FOUND; no selector is 400", async () => {
        const owner = await stage.member({ verified: true });
        catOf(owner.email);
        await link(owner.browser);
        const foreign = (await list(owner.browser))[1];
        const { browser, email } = await stage.member({ verified: true });
        catOf(email);
        await link(browser);
        for (const body of [
          { accountId: foreign.id },
          { providerId: 'github', accountId: foreign.accountId },
          { accountId: 'x' },
          { providerId: 'corp' },
        ]) {
          const reply = await browser.post('/unlink-account', body);
          expect([reply.status, reply.body.code]).toEqual([400, 'ACCOUNT_NOT_FOUND']);
        }
        expect((await browser.post('/unlink-account', {})).status).toBe(400);
        expect(await list(owner.browser)).toHaveLength(2);
      });

      test('needs a fresh session', async () => {
        const { browser } = await stage.member();
        stage.world.clock.advance(days(1));
        const reply = await browser.post('/unlink-account', { providerId: 'github' });
        expect([reply.status, reply.body.code]).toEqual([403, 'SESSION_NOT_FRESH']);
        stage.world.clock.set(new Date().toISOString());
      });
    });

    describe('tokens of a provider', () => {
      const linked = async () => {
        const member = await stage.member({ verified: true });
        issuer.signInAs({ sub: `sub-${member.email}`, email: member.email, email_verified: true, name: 'Ada' });
        const started = await member.browser.post('/link-social', { provider: 'corp', ...ends });
        await member.browser.get((await issuer.visit(started.body.url)).href);
        return {
          ...member,
          row: (await list(member.browser)).find((account: { providerId: string }) => account.providerId === 'corp'),
        };
      };

      test('get-access-token: by row id or provider; refreshed when it ends', async () => {
        const { browser, row } = await linked();
        const first = await browser.post('/get-access-token', { accountId: row.id });
        expect(first.body).toEqual({
          accessToken: expect.any(String),
          accessTokenExpiresAt: expect.stringMatching(/Z$/),
          scopes: expect.arrayContaining(['openid']),
          idToken: expect.any(String),
        });
        const byProvider = await browser.post('/get-access-token', { providerId: 'corp' });
        expect(byProvider.body.accessToken).toBe(first.body.accessToken);
        stage.world.clock.advance(hours(1));
        const later = await browser.post('/get-access-token', { accountId: row.id });
        expect(later.body.accessToken).not.toBe(first.body.accessToken);
        stage.world.clock.set(new Date().toISOString());
      });

      test('refresh-token answers the new set and names the row', async () => {
        const { browser, row } = await linked();
        const reply = await browser.post('/refresh-token', { accountId: row.id });
        expect(reply.body).toMatchObject({
          accessToken: expect.any(String),
          refreshToken: expect.any(String),
          providerId: 'corp',
          accountId: row.id,
        });
        expect(reply.body.scope).toContain('openid');
      });

      test('account-info: normalised and raw, by GET and POST', async () => {
        const { browser, row } = await linked();
        for (const reply of [
          await browser.get(`/account-info?accountId=${row.id}`),
          await browser.post('/account-info', { accountId: row.id }),
        ]) {
          expect(reply.status).toBe(200);
          expect(reply.body).toMatchObject({
            user: { id: row.accountId, name: 'Ada', emailVerified: true },
            data: { sub: row.accountId },
            account: { id: row.id, providerId: 'corp', accountId: row.accountId },
          });
        }
      });

      test("none, both of nothing, somebody else's: 400", async () => {
        const { row } = await linked();
        const { browser, id } = await stage.member();
        for (const path of ['/get-access-token', '/refresh-token']) {
          expect((await browser.post(path, {})).status).toBe(400);
          const reply = await browser.post(path, { accountId: row.id });
          expect([reply.status, reply.body.code]).toEqual([400, 'ACCOUNT_NOT_FOUND']);
          const named = await browser.post(path, { providerId: 'corp', userId: row.userId });
          expect([named.status, named.body.code]).toEqual([400, 'ACCOUNT_NOT_FOUND']);
        }
        expect((await browser.get(`/account-info?accountId=${row.id}`)).body.code).toBe('ACCOUNT_NOT_FOUND');
        const credential = await browser.get(`/account-info?accountId=${id}`);
        expect([credential.status, credential.body.code]).toEqual([400, 'PROVIDER_NOT_CONFIGURED']);
      });

      test('a provider that fails: 401 FAILED_TO_GET_USER_INFO; no refresh token: 400', async () => {
        const { browser, email } = await stage.member({ verified: true });
        catOf(email);
        await link(browser);
        const row = (await list(browser))[1];
        fake.answers.user = { status: 500, body: {} };
        const info = await browser.get(`/account-info?accountId=${row.id}`);
        expect([info.status, info.body.code]).toEqual([401, 'FAILED_TO_GET_USER_INFO']);
        const refresh = await browser.post('/refresh-token', { accountId: row.id });
        expect([refresh.status, refresh.body.code]).toEqual([400, 'REFRESH_TOKEN_NOT_FOUND']);
      });

      test('nobody signed in, or a session just revoked: 401', async () => {
        const { browser, row } = await linked();
        const twin = await browser.copy();
        await twin.get('/get-session');
        await browser.post('/sign-out');
        for (const from of [twin, stage.browser()]) {
          for (const path of ['/get-access-token', '/refresh-token']) {
            expect((await from.post(path, { accountId: row.id, userId: row.userId })).status).toBe(401);
          }
          expect((await from.get(`/account-info?accountId=${row.id}&userId=${row.userId}`)).status).toBe(401);
        }
      });

      test('at rest no token is readable', async () => {
        const { browser, row } = await linked();
        const { accessToken } = (await browser.post('/get-access-token', { accountId: row.id })).body;
        const rows = await stage.world.database!.rows('SELECT * FROM identity WHERE id = ?', [row.id]);
        expect(rows).toHaveLength(1);
        const kept = Object.values(rows[0]!).map((value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value),
        );
        expect(kept.join()).not.toContain(accessToken);
      });
    });
  },
);
