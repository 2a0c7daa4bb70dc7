import { createAuthClient } from 'better-auth/client';
import { emailOTPClient } from 'better-auth/client/plugins';
import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/base/clock.ts';
import { onEveryEngine, onOneEngine, password, type Stage } from '../../kit/stage.ts';
import { appCode } from '../../kit/totp.ts';

type Kind = 'sign-in' | 'email-verification' | 'forget-password';

async function mailed(stage: Stage, email: string, type: Kind = 'sign-in'): Promise<string> {
  const reply = await stage.browser().post('/email-otp/send-verification-otp', { email, type });
  expect(reply.body).toEqual({ success: true });
  return codeIn((await stage.world.mail(email)).text);
}

const codeIn = (text: string): string => /(?<!\d)\d{6}(?!\d)/.exec(text)![0];
const another = (code: string): string => (code === '000000' ? '000001' : '000000');

onEveryEngine('e-mail codes', {}, (stage) => {
  const signIn = (email: string, otp: string, more: object = {}) =>
    stage.browser().post('/sign-in/email-otp', { email, otp, ...more });

  describe('POST /email-otp/send-verification-otp', () => {
    test('known and unknown addresses are answered alike (rule 17)', async () => {
      const { email } = await stage.member({ verified: true });
      for (const type of ['sign-in', 'email-verification', 'forget-password']) {
        const known = await stage.browser().post('/email-otp/send-verification-otp', { email, type });
        const unknown = await stage
          .browser()
          .post('/email-otp/send-verification-otp', { email: stage.address(), type });
        expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
      }
    });

    test.each(['email-verification', 'forget-password'])('%s mails a stranger nothing', async (type) => {
      const email = stage.address();
      await stage.browser().post('/email-otp/send-verification-otp', { email, type });
      expect(await stage.world.mails(email)).toEqual([]);
    });

    test('change-email is no kind for this path', async () => {
      const { status, body } = await stage
        .browser()
        .post('/email-otp/send-verification-otp', { email: stage.address(), type: 'change-email' });
      expect([status, body.message]).toEqual([400, 'Invalid OTP type']);
    });

    test('what is not an address is told so', async () => {
      const { status, body } = await stage
        .browser()
        .post('/email-otp/send-verification-otp', { email: 'nobody', type: 'sign-in' });
      expect([status, body.code]).toEqual([400, 'INVALID_EMAIL']);
    });
  });

  describe('POST /sign-in/email-otp', () => {
    test('signs in', async () => {
      const { email, id } = await stage.member({ verified: true });
      const { status, body } = await signIn(email, await mailed(stage, email));
      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual(['token', 'user']);
      expect(body.user.id).toBe(id);
      const bearer = await stage.browser().get('/get-session', { authorization: `Bearer ${body.token}` });
      expect(bearer.body.user.id).toBe(id);
    });

    test('makes the person of an address that has none', async () => {
      const email = stage.address();
      const { body } = await signIn(email.toUpperCase(), await mailed(stage, email), { name: 'Grace' });
      expect(body.user).toMatchObject({ email, name: 'Grace', emailVerified: true });
    });

    test('nobody makes themselves an administrator by it (rule 30)', async () => {
      const email = stage.address();
      expect((await signIn(email, await mailed(stage, email), { role: 'admin' })).status).toBe(400);
    });

    test('a wrong code is 400; so is a right one for another address', async () => {
      const [email, other] = [stage.address(), stage.address()];
      const code = await mailed(stage, email);
      await mailed(stage, other);
      for (const reply of [await signIn(email, another(code)), await signIn(stage.address(), code)]) {
        expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_OTP']);
      }
    });

    test('after three wrong codes the right one is refused too (rule 14)', async () => {
      const email = stage.address();
      const code = await mailed(stage, email);
      for (let count = 0; count < 3; count += 1) expect((await signIn(email, another(code))).status).toBe(400);
      const { status, body } = await signIn(email, code);
      expect([status, body.code]).toEqual([403, 'TOO_MANY_ATTEMPTS']);
    });

    test('wrong codes at once are all counted', async () => {
      const email = stage.address();
      const code = await mailed(stage, email);
      const replies = await Promise.all(Array.from({ length: 30 }, () => signIn(email, another(code))));
      expect(replies.filter(({ status }) => status === 400)).toHaveLength(3);
      expect(replies.filter(({ status }) => status === 403)).toHaveLength(27);
    });

    test('of fifty right ones at once one gets a session (rule 6)', async () => {
      const { email } = await stage.member({ verified: true });
      const code = await mailed(stage, email);
      const replies = await Promise.all(Array.from({ length: 50 }, () => signIn(email, code)));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    test('is over after five minutes', async () => {
      const email = stage.address();
      const code = await mailed(stage, email);
      stage.world.clock.advance(minutes(5));
      const { status, body } = await signIn(email, code);
      expect([status, body.code]).toEqual([400, 'OTP_EXPIRED']);
    });

    test('a newer code takes the place of the last', async () => {
      const email = stage.address();
      const first = await mailed(stage, email);
      stage.world.clock.advance(seconds(1));
      const second = await mailed(stage, email);
      if (first !== second) expect((await signIn(email, first)).status).toBe(400);
      expect((await signIn(email, second)).status).toBe(200);
    });

    test('a code of another kind is worth nothing here (rule 6)', async () => {
      const { email } = await stage.member();
      for (const kind of ['email-verification', 'forget-password'] as const) {
        expect((await signIn(email, await mailed(stage, email, kind))).body.code).toBe('INVALID_OTP');
      }
    });

    test('the second factor is asked (rule 13)', async () => {
      const { browser, email } = await stage.member({ verified: true });
      const { body } = await browser.post('/two-factor/enable', { password });
      await browser.post('/two-factor/verify-totp', { code: appCode(stage.world.clock, body.totpURI) });
      stage.world.clock.advance(seconds(30));
      const reply = await signIn(email, await mailed(stage, email));
      expect(reply.body).toEqual({ twoFactorRedirect: true, twoFactorMethods: ['totp'] });
      expect(reply.headers.get('set-auth-token')).toBeNull();
    });

    test('the first proof of a mailbox drops what was set up without it (core map E4)', async () => {
      const squatter = await stage.member();
      expect((await signIn(squatter.email, await mailed(stage, squatter.email))).body.user.id).toBe(squatter.id);
      expect((await squatter.browser.get('/get-session')).body).toBeNull();
      const { status } = await stage.browser().post('/sign-in/email', { email: squatter.email, password });
      expect(status).toBe(401);
    });

    test('banned people get no session (rule 18)', async () => {
      const { email, id } = await stage.member({ verified: true });
      const before = await mailed(stage, email);
      await stage.ban(id);
      expect((await signIn(email, before)).body.code).toBe('INVALID_OTP');
      const { status, body } = await signIn(email, await mailed(stage, email));
      expect([status, body.code]).toEqual([403, 'BANNED_USER']);
    });
  });

  describe('POST /email-otp/check-verification-otp', () => {
    const check = (email: string, otp: string, type: Kind = 'sign-in') =>
      stage.browser().post('/email-otp/check-verification-otp', { email, otp, type });

    test('a right code stays good, and checking it costs no try', async () => {
      const { email } = await stage.member({ verified: true });
      const code = await mailed(stage, email);
      for (let count = 0; count < 5; count += 1) expect((await check(email, code)).body).toEqual({ success: true });
      expect((await signIn(email, code)).status).toBe(200);
    });

    test('wrong ones count', async () => {
      const { email } = await stage.member({ verified: true });
      const code = await mailed(stage, email);
      for (let count = 0; count < 3; count += 1) await check(email, another(code));
      expect((await check(email, code)).body.code).toBe('TOO_MANY_ATTEMPTS');
    });

    test('whoever holds the code may learn that there is no account', async () => {
      const email = stage.address();
      const { status, body } = await check(email, await mailed(stage, email));
      expect([status, body.code]).toEqual([400, 'USER_NOT_FOUND']);
    });
  });

  describe('POST /email-otp/verify-email', () => {
    test('verifies the address; the password stays', async () => {
      const member = await stage.member();
      const otp = await mailed(stage, member.email, 'email-verification');
      const { body } = await stage.browser().post('/email-otp/verify-email', { email: member.email, otp });
      expect(body).toMatchObject({ status: true, token: null, user: { id: member.id, emailVerified: true } });
      expect(await stage.world.eventTypes(member.id)).toContain('email.verified');
      expect((await (await stage.signIn(member)).get('/get-session')).body.user.emailVerified).toBe(true);
    });

    test('a wrong code leaves it unverified', async () => {
      const { browser, email } = await stage.member();
      const otp = another(await mailed(stage, email, 'email-verification'));
      expect((await browser.post('/email-otp/verify-email', { email, otp })).body.code).toBe('INVALID_OTP');
      expect((await browser.get('/get-session')).body.user.emailVerified).toBe(false);
    });
  });

  describe('a new password by code', () => {
    const reset = (email: string, otp: string, next = 'another password') =>
      stage.browser().post('/email-otp/reset-password', { email, otp, password: next });

    test.each(['/email-otp/request-password-reset', '/forget-password/email-otp'])(
      '%s mails it; the new password holds and every session ends (rule 12)',
      async (path) => {
        const { browser, email } = await stage.member({ verified: true });
        expect((await stage.browser().post(path, { email })).body).toEqual({ success: true });
        const code = codeIn((await stage.world.mail(email)).text);
        expect((await reset(email, code)).body).toEqual({ success: true });
        expect((await browser.get('/get-session')).body).toBeNull();
        const signedIn = await stage.browser().post('/sign-in/email', { email, password: 'another password' });
        expect(signedIn.status).toBe(200);
        expect((await reset(email, code)).body.code).toBe('INVALID_OTP');
      },
    );

    test('a password that is too short costs no try', async () => {
      const { email } = await stage.member({ verified: true });
      const code = await mailed(stage, email, 'forget-password');
      for (let count = 0; count < 4; count += 1)
        expect((await reset(email, code, 'x')).body.code).toBe('PASSWORD_TOO_SHORT');
      expect((await reset(email, code)).status).toBe(200);
    });
  });

  test('the real client', async () => {
    const browser = stage.browser();
    const auth = createAuthClient({
      baseURL: browser.base,
      plugins: [emailOTPClient()],
      fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
    });
    const email = stage.address();
    expect((await auth.emailOtp.sendVerificationOtp({ email, type: 'sign-in' })).data).toEqual({ success: true });
    const otp = codeIn((await stage.world.mail(email)).text);
    expect((await auth.signIn.emailOtp({ email, otp: another(otp) })).error?.code).toBe('INVALID_OTP');
    expect((await auth.signIn.emailOtp({ email, otp })).data?.user.email).toBe(email);
    expect((await auth.getSession()).data?.user.email).toBe(email);
  });
});

onOneEngine('e-mail codes by policy', { policy: { 'methods.mailCode': false } }, (stage) => {
  test('none signs in when the method is off; the other kinds stay', async () => {
    const { email } = await stage.member();
    const ask = (type: Kind) => stage.browser().post('/email-otp/send-verification-otp', { email, type });
    expect((await ask('sign-in')).status).toBe(404);
    expect((await ask('email-verification')).status).toBe(200);
    expect((await stage.browser().post('/sign-in/email-otp', { email, otp: '123456' })).status).toBe(404);
  });
});
