import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Browser } from '../kit/browser.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { onEveryEngine, otherPassword, password, tokenIn } from '../kit/stage.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

const providers = [
  fake.config(),
  fake.config({ key: 'other' }),
  fake.config({ key: 'off', allowSignIn: false, allowConnect: false }),
];

onEveryEngine('identities and linking', { providers }, (stage) => {
  beforeEach(() => fake.reset());
  const comesAs = (id: unknown, email: string, verified: boolean | string = true) => {
    fake.answers.user = { body: { id, login: 'cat', name: 'Cat' } };
    fake.answers.emails = { body: [{ email, primary: true, verified }] };
  };
  async function visit(browser: Browser, provider = 'github'): Promise<string> {
    const started = await browser.post('/sign-in/social', { provider, callbackURL: '/in', errorCallbackURL: '/no' });
    if (started.status !== 200) return started.body.code;
    const state = new URL(started.body.url).searchParams.get('state');
    const reply = await browser.get(`/callback/${provider}?code=x&state=${state}`);
    return reply.headers.get('location')!.slice(stage.world.url.length);
  }
  const userOf = async (browser: Browser) => (await browser.get('/get-session')).body?.user ?? null;

  describe('rule 1: an identity is (provider, subject)', () => {
    test.each([undefined, null, '', ' ', {}, [], true, Number.NaN])(
      'a subject that is %o ends the flow',
      async (id) => {
        comesAs(id, stage.address());
        const browser = stage.browser();
        expect(await visit(browser)).toBe('/no?error=unable_to_get_user_info');
        expect(await userOf(browser)).toBeNull();
      },
    );

    test('the same subject is the same person under another address', async () => {
      const email = stage.address();
      comesAs(1001, email);
      const browser = stage.browser();
      await visit(browser);
      const { id } = await userOf(browser);
      comesAs(1001, stage.address());
      const again = stage.browser();
      expect(await visit(again)).toBe('/in');
      expect(await userOf(again)).toMatchObject({ id, email });
    });

    test('a subject of another provider opens nothing', async () => {
      comesAs(1002, stage.address());
      await visit(stage.browser());
      comesAs(1002, stage.address());
      const browser = stage.browser();
      await visit(browser, 'other');
      expect((await browser.get('/list-accounts')).body).toHaveLength(1);
    });
  });

  describe('rule 2: an unverified account with an unproven password', () => {
    test('is not linked to; when the owner proves the mailbox, the squatter is out', async () => {
      const squatter = await stage.member();
      comesAs(1003, squatter.email);
      expect(await visit(stage.browser())).toBe('/no?error=account_not_linked');

      await stage.browser().post('/request-password-reset', { email: squatter.email });
      const token = await stage.mailedToken(squatter.email);
      await stage.browser().post('/reset-password', { newPassword: otherPassword, token });
      expect(await userOf(squatter.browser)).toBeNull();
      expect((await stage.browser().post('/sign-in/email', { email: squatter.email, password })).status).toBe(401);
      const owner = stage.browser();
      expect(await visit(owner)).toBe('/in');
      expect(await userOf(owner)).toMatchObject({ id: squatter.id, emailVerified: true });
    });

    test.each([false, 'false', 'no', 0, null])('"verified": %o of the provider proves nothing', async (verified) => {
      const { email } = await stage.member({ verified: true });
      comesAs(1100 + Math.floor(stage.world.clock.now() % 7), email, verified as boolean);
      expect(await visit(stage.browser())).toBe('/no?error=account_not_linked');
    });
  });

  test('rule 3: a state of one provider is worth nothing at another, nor a link of one kind in another flow', async () => {
    const browser = stage.browser();
    const started = await browser.post('/sign-in/social', { provider: 'github', errorCallbackURL: '/no' });
    const state = new URL(started.body.url).searchParams.get('state');
    const reply = await browser.get(`/callback/other?code=x&state=${state}`);
    expect(reply.headers.get('location')).toContain('error=state_mismatch');
    const { email } = await stage.member();
    const token = tokenIn((await stage.world.mail(email)).links[0]!);
    expect((await stage.browser().post('/reset-password', { newPassword: otherPassword, token })).status).toBe(400);
  });

  describe('rule 4: one form of an address, for sign-up and sign-in alike', () => {
    test.each([
      ['CASE@Example.COM', 'case@example.com'],
      ['  space@example.com ', 'space@example.com'],
      ['idn@MÜNCHEN.example', 'idn@xn--mnchen-3ya.example'],
      ['wide@ｅｘａｍｐｌｅ.com', 'wide@example.com'],
      ['dot@example。com', 'dot@example.com'],
    ])('%s is %s', async (typed, same) => {
      const signUp = (email: string) => stage.browser().post('/sign-up/email', { email, password, name: 'A' });
      expect((await signUp(typed)).status).toBe(200);
      expect((await signUp(same)).status).toBe(422);
      for (const email of [typed, same]) {
        expect((await stage.browser().post('/sign-in/email', { email, password })).status).toBe(200);
      }
    });

    test.each([
      'two@at@example.com',
      'no-at',
      '@example.com',
      'a@',
      'a b@example.com',
      'a\u0000@example.com',
      'a\r\nbcc:b@example.com',
      'a@exa mple.com',
      'a@-example.com',
      'a@example..com',
      '.a@example.com',
      'a.@example.com',
      'a..b@example.com',
      'ａ@example.com',
      '"a"@example.com',
      'a@[127.0.0.1]',
      'a<b>@example.com',
      'a,b@example.com',
      'a@users.latchkey.invalid',
      `${'x'.repeat(250)}@example.com`,
      'a\u200b@example.com',
      'a@example.com\u202e',
      'a@exam%70le.com',
      'a@example.com/..',
    ])('%j is no address', async (email) => {
      for (const [path, body] of [
        ['/sign-up/email', { email, password, name: 'A' }],
        ['/sign-in/email', { email, password }],
        ['/request-password-reset', { email }],
        ['/send-verification-email', { email }],
      ] as const) {
        expect([path, (await stage.browser().post(path, body)).status]).toEqual([path, 400]);
      }
    });
  });

  describe('rule 5: what is switched off or broken ends the flow', () => {
    test('a provider that may not be used so is not found', async () => {
      expect(await visit(stage.browser(), 'off')).toBe('PROVIDER_NOT_FOUND');
      const { browser } = await stage.member();
      expect((await browser.post('/link-social', { provider: 'off' })).status).toBe(404);
      for (const provider of ['__proto__', 'constructor', 'toString', '', 'GitHub', 'github/../other', 'github ']) {
        expect((await stage.browser().post('/sign-in/social', { provider })).status).toBe(404);
      }
    });

    test.each([
      ['an error inside', { error: 'no' }],
      ['a list', []],
      ['text', '"octo"'],
      ['nothing', ''],
      ['HTML', '<html>'],
      ['null', null],
    ])('a profile that is %s', async (_what, body) => {
      fake.answers.user = { body };
      const browser = stage.browser();
      expect(await visit(browser)).toMatch(/^\/no\?error=/);
      expect(await userOf(browser)).toBeNull();
    });

    test.each([
      ['an error with status 200', { error: 'bad_verification_code' }],
      ['no token', { token_type: 'bearer' }],
      ['a token that is no text', { access_token: 5, token_type: 'bearer' }],
      ['another type', { access_token: 'x', token_type: 'mac' }],
      ['no JSON', 'access_token=x'],
    ])('a token answer with %s', async (_what, body) => {
      fake.answers.token = { body };
      expect(await visit(stage.browser())).toMatch(/^\/no\?error=/);
    });
  });
});
