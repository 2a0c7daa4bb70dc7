import { afterAll, describe, expect, test } from 'vitest';
import {
  type AxumKitStage,
  axumKitOnEveryEngine,
  expectError,
  expectStatus,
  otherPassword,
  type Resident,
} from '../kit/axumkit.ts';
import type { Browser } from '../kit/browser.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { password } from '../kit/stage.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

interface Ending {
  readonly name: string;
  happen(kit: AxumKitStage, resident: Resident): Promise<unknown>;
  /** Core map §2, second matrix. */
  readonly current: 'stays' | 'ends';
}

const endings: readonly Ending[] = [
  {
    name: 'password changed',
    happen: (_kit, { browser }) =>
      browser.post('/v0/auth/change-password', { current_password: password, new_password: otherPassword }),
    current: 'stays',
  },
  {
    name: 'password reset',
    async happen(kit, { email }) {
      await kit.browser().post('/v0/auth/forgot-password', { email });
      const token = await kit.mailedToken(email);
      await kit.browser().post('/v0/auth/reset-password', { token, new_password: otherPassword });
    },
    current: 'ends',
  },
  {
    name: 'e-mail replaced',
    async happen(kit, { browser }) {
      const new_email = kit.address();
      await browser.post('/v0/auth/change-email', { password, new_email });
      expectStatus(
        await browser.post('/v0/auth/confirm-email-change', { token: await kit.mailedToken(new_email) }),
        204,
      );
    },
    current: 'stays',
  },
  { name: 'banned', happen: (kit, { id }) => kit.stage.ban(id), current: 'ends' },
  { name: 'deactivated', happen: (kit, { id }) => kit.stage.deactivate(id), current: 'ends' },
];

axumKitOnEveryEngine(
  'the end matrix on AxumKit (rules 12, 13 and 18)',
  { providers: [fake.config()], axumkit: { githubRedirectUri: 'https://app.example.com/github' } },
  (kit) => {
    const alive = async (browser: Browser) => (await browser.get('/v0/user/me')).status === 200;

    describe.each(endings)('$name', (ending) => {
      test(`this session ${ending.current}, others end, at the next request`, async () => {
        const resident = await kit.resident({ verified: true });
        const other = await kit.signIn(resident.email);
        const current = await resident.browser.copy();
        expect([await alive(current), await alive(other)]).toEqual([true, true]); // both are in the cache now
        await ending.happen(kit, resident);
        expect([await alive(current), await alive(other)]).toEqual([ending.current === 'stays', false]);
        expectError(await other.send('PATCH', '/v0/user/me', { bio: 'x' }), 401, 'user:unauthorized');
      });

      test('a sign-in that waits for its second factor is dead', async () => {
        const resident = await kit.resident({ verified: true });
        const { uri } = await kit.withTotp(resident);
        const waiting = kit.browser();
        const held = await waiting.post('/v0/auth/login', { email: resident.email, password });
        expectStatus(held, 202);
        await ending.happen(kit, resident);
        const { temp_token } = held.body;
        const reply = await waiting.post('/v0/auth/totp/verify', { temp_token, code: kit.code(uri) });
        expect(reply.status).toBeGreaterThanOrEqual(400);
        expect(await alive(waiting)).toBe(false);
      });
    });

    // Nothing but the gate stands against whoever is deactivated: what was mailed before stays as it is.
    describe.each(endings.filter(({ name }) => name !== 'deactivated'))('$name', (ending) => {
      test('a reset and a change of address under way are dead', async () => {
        const resident = await kit.resident({ verified: true });
        const { email, browser } = resident;
        await kit.browser().post('/v0/auth/forgot-password', { email });
        const reset = await kit.mailedToken(email);
        const new_email = kit.address();
        await browser.post('/v0/auth/change-email', { password, new_email });
        const change = await kit.mailedToken(new_email);
        await ending.happen(kit, resident);
        const again = await kit.browser().post('/v0/auth/reset-password', { token: reset, new_password: password });
        expectError(again, 400, 'token:invalid_reset');
        const moved = await kit.browser().post('/v0/auth/confirm-email-change', { token: change });
        expectError(moved, 400, 'token:invalid_email_change');
      });
    });

    describe('deactivated', () => {
      const gone = async (email: string, secret: string) =>
        expectError(await kit.browser().post('/v0/auth/login', { email, password: secret }), 403, 'user:banned');

      test('a reset under way sets a password that lets nobody in', async () => {
        const { email, id } = await kit.resident({ verified: true });
        await kit.browser().post('/v0/auth/forgot-password', { email });
        const token = await kit.mailedToken(email);
        await kit.stage.deactivate(id);
        const set = await kit.browser().post('/v0/auth/reset-password', { token, new_password: otherPassword });
        expectStatus(set, 204);
        expect(set.setCookies.join()).not.toMatch(/session_id/);
        await gone(email, otherPassword);
      });

      test('a change of address under way lets nobody in', async () => {
        const { browser, id } = await kit.resident({ verified: true });
        const new_email = kit.address();
        await browser.post('/v0/auth/change-email', { password, new_email });
        const token = await kit.mailedToken(new_email);
        await kit.stage.deactivate(id);
        const moved = await kit.browser().post('/v0/auth/confirm-email-change', { token });
        expectStatus(moved, 204);
        expect(moved.setCookies.join()).not.toMatch(/session_id/);
        await gone(new_email, password);
      });
    });

    test('switching the second factor on voids sign-ins and links that were begun before', async () => {
      const resident = await kit.resident({ verified: true });
      await kit.browser().post('/v0/auth/forgot-password', { email: resident.email });
      const token = await kit.mailedToken(resident.email);
      await kit.withTotp(resident);
      const reply = await kit.browser().post('/v0/auth/reset-password', { token, new_password: otherPassword });
      expectError(reply, 400, 'token:invalid_reset');
    });

    test('a reset by the owner of the mailbox drops what a squatter had set up (core map E4)', async () => {
      const squatter = await kit.resident();
      await kit.withTotp(squatter);
      fake.answers.user = { body: { id: 1, login: 'squatter' } };
      const { body } = await squatter.browser.get('/v0/auth/oauth/github/authorize?flow=link');
      const state = new URL(body.auth_url).searchParams.get('state');
      expectStatus(await squatter.browser.post('/v0/auth/oauth/github/link', { code: 'x', state }), 204);
      const owner = kit.browser();
      await owner.post('/v0/auth/forgot-password', { email: squatter.email });
      const token = await kit.mailedToken(squatter.email);
      expectStatus(await owner.post('/v0/auth/reset-password', { token, new_password: otherPassword }), 204);
      expectStatus(await owner.post('/v0/auth/login', { email: squatter.email, password: otherPassword }), 204);
      expect((await owner.get('/v0/auth/oauth/connections')).body.connections).toEqual([]);
      expect((await owner.get('/v0/auth/totp/status')).body).toEqual({ enabled: false });
      expect(await alive(squatter.browser)).toBe(false);
    });
  },
);
