import { describe, expect, test } from 'vitest';
import { minutes } from '../../../src/base/clock.ts';
import { onOneEngine, otherPassword, password } from '../../kit/stage.ts';

const sent = {
  status: true,
  message: 'If this email exists in our system, check your email for the reset link',
};

onOneEngine('passwords', {}, (stage) => {
  const location = (reply: { headers: Headers }) => reply.headers.get('location')!;
  const signsIn = async (email: string, text: string) =>
    (await stage.browser().post('/sign-in/email', { email, password: text })).status === 200;

  describe.each(['/request-password-reset', '/forget-password'])('POST %s', (path) => {
    test('mails a link of the public URL with the encoded redirectTo', async () => {
      const { email } = await stage.member();
      const reply = await stage.browser().post(path, { email, redirectTo: '/reset?a=1&b=2' });
      expect(reply.body).toEqual(sent);
      const mail = await stage.world.mail(email);
      expect(mail.links[0]).toMatch(
        new RegExp(
          `^${stage.world.betterAuthUrl}/reset-password/\\w{45}\\?callbackURL=http%3A%2F%2F127.0.0.1%3A\\d+%2Freset%3Fa%3D1%26b%3D2$`,
        ),
      );
    });

    test('an unknown address gets the same answer and no mail', async () => {
      const email = stage.address();
      expect((await stage.browser().post(path, { email })).body).toEqual(sent);
      expect(await stage.world.mails(email)).toEqual([]);
    });

    test('an untrusted redirectTo is refused', async () => {
      const reply = await stage.browser().post(path, { email: stage.address(), redirectTo: 'https://evil.example' });
      expect(reply.status).toBe(403);
      expect(reply.body).toEqual({ message: 'Invalid redirectURL', code: 'INVALID_REDIRECT_URL' });
    });

    test('text that is no address is a validation error', async () => {
      const reply = await stage.browser().post(path, { email: 'nobody' });
      expect(reply.body).toEqual({ message: '[body.email] Invalid email address', code: 'VALIDATION_ERROR' });
    });
  });

  const askReset = async (email: string, redirectTo = '/reset') => {
    await stage.browser().post('/request-password-reset', { email, redirectTo });
    return (await stage.world.mail(email)).links[0]!;
  };

  describe('GET /reset-password/:token', () => {
    test('a live token goes on to callbackURL with it, resolved against the origin that asked; the rest of the query stays', async () => {
      const { email } = await stage.member();
      const reply = await stage.browser().get(await askReset(email, '/reset?a=1&b=two'));
      expect(reply.status).toBe(302);
      expect(reply.headers.get('content-type')).toBe('application/json');
      expect(reply.text).toBe('');
      expect(location(reply)).toMatch(new RegExp(`^${stage.world.url}/reset\\?a=1&b=two&token=\\w{45}$`));
    });

    test('following it spends nothing: mail scanners do', async () => {
      const { email } = await stage.member();
      const link = await askReset(email);
      const first = location(await stage.browser().get(link));
      expect(location(await stage.browser().get(link))).toBe(first);
      const token = new URL(first).searchParams.get('token');
      expect((await stage.browser().post('/reset-password', { newPassword: otherPassword, token })).status).toBe(200);
    });

    test('wrong, malformed and expired ones all go on with INVALID_TOKEN', async () => {
      const { email } = await stage.member();
      const link = await askReset(email);
      stage.world.clock.advance(minutes(60));
      for (const path of [
        link,
        '/reset-password/nothing?callbackURL=%2Freset',
        `/reset-password/${'0'.repeat(45)}?callbackURL=%2Freset`,
      ]) {
        expect(location(await stage.browser().get(path))).toBe(`${stage.world.url}/reset?error=INVALID_TOKEN`);
      }
    });

    test('without callbackURL it is 400; with an empty one a dead link leads to the page that says so', async () => {
      expect((await stage.browser().get('/reset-password/nothing')).status).toBe(400);
      expect(location(await stage.browser().get('/reset-password/nothing?callbackURL='))).toBe(
        `${stage.world.url}/-/reset-password?token=nothing`,
      );
    });

    test('an untrusted callbackURL is refused', async () => {
      const { email } = await stage.member();
      const link = (await askReset(email)).replace(/callbackURL=.*/, 'callbackURL=https%3A%2F%2Fevil.example');
      const reply = await stage.browser().get(link);
      expect(reply.status).toBe(403);
      expect(reply.body.code).toBe('INVALID_CALLBACK_URL');
    });
  });

  describe('POST /reset-password', () => {
    test('the new password signs in, the old one does not, and every session is over', async () => {
      const { email, browser } = await stage.member();
      const before = (await browser.get('/get-session')).body.user.updatedAt;
      stage.world.clock.advance(1000);
      await askReset(email);
      const token = await stage.mailedToken(email);
      const reply = await stage.browser().post('/reset-password', { newPassword: otherPassword, token });
      expect([reply.status, reply.text, reply.setCookies]).toEqual([200, '{"status":true}', []]);
      expect((await browser.get('/get-session')).text).toBe('null');
      expect(await signsIn(email, password)).toBe(false);
      const again = await stage.browser().post('/sign-in/email', { email, password: otherPassword });
      expect(again.body.user.updatedAt > before).toBe(true);
    });

    test('the token may be in the query', async () => {
      const { email } = await stage.member();
      await askReset(email);
      const path = `/reset-password?token=${await stage.mailedToken(email)}`;
      expect((await stage.browser().post(path, { newPassword: otherPassword })).status).toBe(200);
    });

    test('a password out of bounds does not spend the token; the token works once', async () => {
      const { email } = await stage.member();
      await askReset(email);
      const token = await stage.mailedToken(email);
      const reset = (newPassword: string) => stage.browser().post('/reset-password', { newPassword, token });
      expect((await reset('short')).body.code).toBe('PASSWORD_TOO_SHORT');
      expect((await reset('x'.repeat(129))).body.code).toBe('PASSWORD_TOO_LONG');
      expect((await reset(otherPassword)).status).toBe(200);
      const again = await reset('a third one');
      expect([again.status, again.body]).toEqual([400, { message: 'Invalid token', code: 'INVALID_TOKEN' }]);
    });

    test.each([{}, { token: '' }, { token: 'nothing' }, { token: '0'.repeat(45) }])(
      'no such token: %o',
      async (body) => {
        const reply = await stage.browser().post('/reset-password', { newPassword: otherPassword, ...body });
        expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_TOKEN']);
      },
    );

    test('it is over at the end of its hour', async () => {
      const { email } = await stage.member();
      await askReset(email);
      const token = await stage.mailedToken(email);
      stage.world.clock.advance(minutes(60));
      expect((await stage.browser().post('/reset-password', { newPassword: otherPassword, token })).body.code).toBe(
        'INVALID_TOKEN',
      );
      expect(await signsIn(email, password)).toBe(true);
    });
  });

  describe('POST /verify-password', () => {
    test('right 200, wrong 400, no session 401', async () => {
      const { browser } = await stage.member();
      expect((await browser.post('/verify-password', { password })).text).toBe('{"status":true}');
      const wrong = await browser.post('/verify-password', { password: otherPassword });
      expect([wrong.status, wrong.body]).toEqual([400, { message: 'Invalid password', code: 'INVALID_PASSWORD' }]);
      expect((await stage.browser().post('/verify-password', { password })).status).toBe(401);
    });
  });

  describe('POST /change-password', () => {
    const change = { currentPassword: password, newPassword: otherPassword };

    test('replaces it: others end, this session stays, updatedAt moves', async () => {
      const member = await stage.member();
      const other = await stage.signIn(member);
      const before = (await member.browser.get('/get-session')).body.user.updatedAt;
      stage.world.clock.advance(1000);
      const reply = await member.browser.post('/change-password', change);
      expect(reply.status).toBe(200);
      expect(reply.body).toMatchObject({ token: null, user: { email: member.email } });
      expect(reply.body.user.updatedAt > before).toBe(true);
      expect(await signsIn(member.email, password)).toBe(false);
      expect(await signsIn(member.email, otherPassword)).toBe(true);
      expect((await other.get('/get-session')).text).toBe('null');
      expect((await member.browser.get('/get-session')).body.session.token).toBe(member.token);
    });

    test('revokeOtherSessions answers a replacement that works; the old token does not', async () => {
      const { browser, token } = await stage.member();
      const reply = await browser.post('/change-password', { ...change, revokeOtherSessions: true });
      expect(reply.body.token).toMatch(/^\w{45}$/);
      expect(reply.body.token).not.toBe(token);
      expect(reply.setCookies[0]).toContain(`better-auth.session_token=${reply.body.token}.`);
      expect((await browser.get('/get-session')).body.session.token).toBe(reply.body.token);
      expect((await stage.browser().get('/get-session', { authorization: `Bearer ${token}` })).text).toBe('null');
    });

    test('bounds come before the current password', async () => {
      const { browser } = await stage.member();
      const reply = await browser.post('/change-password', { currentPassword: 'wrong', newPassword: 'short' });
      expect(reply.body.code).toBe('PASSWORD_TOO_SHORT');
      expect((await browser.post('/change-password', { ...change, newPassword: 'x'.repeat(129) })).body.code).toBe(
        'PASSWORD_TOO_LONG',
      );
    });

    test('a wrong current password is INVALID_PASSWORD; nobody signed in is 401', async () => {
      const { browser } = await stage.member();
      const wrong = await browser.post('/change-password', { ...change, currentPassword: 'wrong one' });
      expect([wrong.status, wrong.body.code]).toEqual([400, 'INVALID_PASSWORD']);
      expect((await stage.browser().post('/change-password', change)).status).toBe(401);
    });
  });
});
