import { describe, expect, test } from 'vitest';
import { onEveryEngine, password } from '../kit/stage.ts';

const name = 'better-auth.session_token';

onEveryEngine('tokens and cookies', {}, (stage) => {
  const signedIn = async (headers: Record<string, string>) =>
    (await stage.browser().get('/get-session', headers)).text !== 'null';
  const valueIn = async (browser: { cookie(name: string): Promise<string | undefined> }, cookie = name) =>
    decodeURIComponent((await browser.cookie(cookie))!);

  describe('rule 7: one secret, one purpose', () => {
    test("a value signed for one cookie is worth nothing in another's place", async () => {
      const member = await stage.member({ body: { rememberMe: false } });
      const forget = await valueIn(member.browser, 'better-auth.dont_remember');
      expect(await signedIn({ cookie: `${name}=${encodeURIComponent(forget)}` })).toBe(false);
      await stage.browser().post('/two-factor/verify-totp', { code: '000000' });
      const session = encodeURIComponent(await valueIn(member.browser));
      for (const cookie of [
        'better-auth.two_factor',
        'better-auth.trust_device',
        'better-auth.state',
        'better-auth.session_data',
      ]) {
        expect(await signedIn({ cookie: `${cookie}=${session}` })).toBe(false);
      }
      const challenged = await stage
        .browser()
        .post('/two-factor/verify-totp', { code: '000000' }, { cookie: `better-auth.two_factor=${session}` });
      expect([challenged.status, challenged.body.code]).toEqual([401, 'INVALID_TWO_FACTOR_COOKIE']);
    });

    test('a cookie made by whoever knows only a token is not signed by us', async () => {
      const { token } = await stage.member();
      for (const signature of ['', `${'A'.repeat(43)}=`, `${token.slice(0, 43)}=`, '='.repeat(44)]) {
        expect(await signedIn({ cookie: `${name}=${encodeURIComponent(`${token}.${signature}`)}` })).toBe(false);
      }
    });

    test('a cookie that was found right vouches for no other with the same token', async () => {
      const { browser, token } = await stage.member();
      const signed = await valueIn(browser);
      const signatures = [`${'A'.repeat(43)}=`, signed.slice(token.length + 2), `${signed.slice(token.length + 1)}=`];
      const cookies = [signed, ...signatures.map((signature) => `${token}.${signature}`), token, signed];
      const answers: boolean[] = [];
      for (const cookie of cookies) answers.push(await signedIn({ cookie: `${name}=${encodeURIComponent(cookie)}` }));
      expect(answers).toEqual([true, false, false, false, false, true]);
    });
  });

  describe('rule 8: compared whole; malformed is 401, never 500', () => {
    test('prefixes, other cases and longer tokens are nothing', async () => {
      const { token } = await stage.member();
      for (const form of [
        token.slice(0, 20),
        token.slice(0, 44),
        `${token}0`,
        token.toUpperCase(),
        `${token.slice(0, 44)}.`,
        token.replace(/./, '_'),
      ]) {
        expect([form, await signedIn({ authorization: `Bearer ${encodeURIComponent(form)}` })]).toEqual([form, false]);
      }
    });

    test.each([
      ['authorization', 'Bearer %'],
      ['authorization', 'Bearer %00'],
      ['authorization', 'Bearer %E0%A4%A'],
      ['authorization', `Bearer ${'a'.repeat(8000)}`],
      ['authorization', 'Bearer .....'],
      ['authorization', 'Bearer =.='],
      ['authorization', 'Bearer \xff\xfe'],
      ['cookie', `${name}=%`],
      ['cookie', `${name}=%E0%A4%A`],
      ['cookie', `${name}=${'a'.repeat(8000)}`],
      ['cookie', `${name}=.`],
      ['cookie', `${name}=;;;=;`],
      ['cookie', `${name}`],
      ['cookie', '='],
      ['cookie', '__proto__=x; constructor=y; toString=z'],
      ['cookie', `${name}="quoted"`],
    ])('%s: %s', async (header, value) => {
      const reply = await stage.browser().get('/list-sessions', { [header]: value });
      expect([reply.status, reply.body]).toEqual([401, { message: 'Unauthorized', code: 'UNAUTHORIZED' }]);
      const read = await stage.browser().get('/get-session', { [header]: value });
      expect([read.status, read.text]).toEqual([200, 'null']);
    });

    test('of two cookies of the name the one that is worth something counts, wherever it stands', async () => {
      const member = await stage.member();
      const own = `${name}=${encodeURIComponent(await valueIn(member.browser))}`;
      expect(await signedIn({ cookie: `${own}; ${name}=junk` })).toBe(true);
      expect(await signedIn({ cookie: `${name}=junk; ${own}` })).toBe(true);
      expect(await signedIn({ cookie: `${name}=junk; ${name}=junk` })).toBe(false);
    });
  });

  describe('rule 15: sign-in gives a new token', () => {
    test('a cookie planted before is not what the browser has afterwards', async () => {
      const attacker = await stage.member();
      const victim = await stage.member();
      const browser = await attacker.browser.copy();
      await browser.post('/sign-in/email', { email: victim.email, password });
      expect((await browser.get('/get-session')).body.user.id).toBe(victim.id);
      expect(await valueIn(browser)).not.toBe(await valueIn(attacker.browser));
      expect((await attacker.browser.get('/get-session')).body.user.id).toBe(attacker.id);
    });

    test('a made-up token is not adopted', async () => {
      const { email } = await stage.member();
      const planted = '0'.repeat(45);
      const reply = await stage
        .browser()
        .post('/sign-in/email', { email, password }, { authorization: `Bearer ${planted}` });
      expect(reply.body.token).not.toBe(planted);
      expect(await signedIn({ authorization: `Bearer ${planted}` })).toBe(false);
    });

    test('sign-up and a change of password give new ones as well', async () => {
      const first = await stage.member();
      const reply = await first.browser.post('/sign-up/email', { email: stage.address(), password, name: 'B' });
      expect(reply.body.token).not.toBe(first.token);
      const changed = await first.browser.post('/change-password', {
        currentPassword: password,
        newPassword: 'another long one',
        revokeOtherSessions: true,
      });
      expect(await signedIn({ authorization: `Bearer ${reply.body.token}` })).toBe(false);
      expect(await signedIn({ authorization: `Bearer ${changed.body.token}` })).toBe(true);
    });
  });
});
