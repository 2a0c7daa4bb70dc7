import { describe, expect, test } from 'vitest';
import { days } from '../../../src/base/clock.ts';
import { onEveryEngine, onOneEngine, password } from '../../kit/stage.ts';

const fields = { additionalFields: { plan: 'string', seats: 'number' } } as const;

onOneEngine('POST /update-user', { betterAuth: fields }, (stage) => {
  test('a new name shows at once in every session of the user; null clears the picture', async () => {
    const member = await stage.member();
    const other = await stage.signIn(member);
    await other.get('/get-session');
    stage.world.clock.advance(1000);
    const reply = await member.browser.post('/update-user', { name: 'Countess', image: 'https://example.com/a.png' });
    expect([reply.status, reply.text]).toEqual([200, '{"status":true}']);
    const { user } = (await other.get('/get-session')).body;
    expect(user).toMatchObject({ name: 'Countess', image: 'https://example.com/a.png' });
    expect(user.updatedAt > user.createdAt).toBe(true);
    await member.browser.post('/update-user', { image: null });
    expect((await member.browser.get('/get-session')).body.user).toMatchObject({ name: 'Countess', image: null });
  });

  test('sends the session cookie again', async () => {
    const { browser, token } = await stage.member();
    const reply = await browser.post('/update-user', { name: 'B' });
    expect(reply.setCookies).toEqual([expect.stringContaining(`better-auth.session_token=${token}.`)]);
  });

  test('additional fields: those sent change, the others stay', async () => {
    const { browser } = await stage.member({ body: { plan: 'pro', seats: 3 } });
    await browser.post('/update-user', { seats: 5 });
    expect((await browser.get('/get-session')).body.user).toMatchObject({ plan: 'pro', seats: 5 });
  });

  test.each([
    ['email', { email: 'new@example.com' }, 'EMAIL_CAN_NOT_BE_UPDATED'],
    ['role', { role: 'admin' }, 'FIELD_NOT_ALLOWED'],
    ['banned', { banned: false }, 'FIELD_NOT_ALLOWED'],
    ['twoFactorEnabled', { twoFactorEnabled: false }, 'FIELD_NOT_ALLOWED'],
    ['nothing', {}, 'NO_FIELDS_TO_UPDATE'],
    ['only unknown members', { emailVerified: true, id: 'x' }, 'NO_FIELDS_TO_UPDATE'],
  ])('refused: %s', async (_what, body, code) => {
    const { browser } = await stage.member();
    const reply = await browser.post('/update-user', body);
    expect([reply.status, reply.body.code]).toEqual([400, code]);
  });

  test('a body that is no object is a validation error; nobody signed in is 401', async () => {
    const { browser } = await stage.member();
    expect((await browser.send('POST', '/update-user', '[1]')).body.code).toBe('VALIDATION_ERROR');
    expect((await stage.browser().post('/update-user', { name: 'x' })).status).toBe(401);
  });
});

onOneEngine('POST /delete-user', { policy: { 'users.selfDeletion': true } }, (stage) => {
  const gone = (email: string) => stage.browser().post('/sign-in/email', { email, password });

  test('a fresh session deletes at once, with every session; the address is free again', async () => {
    const member = await stage.member();
    const other = await stage.signIn(member);
    const reply = await member.browser.send('POST', '/delete-user');
    expect([reply.status, reply.text]).toEqual([200, '{"success":true,"message":"User deleted"}']);
    expect(reply.setCookies).toHaveLength(3);
    expect((await other.get('/get-session')).text).toBe('null');
    expect((await gone(member.email)).status).toBe(401);
    const again = await stage.browser().post('/sign-up/email', { email: member.email, password, name: 'B' });
    expect(again.status).toBe(200);
    expect(again.body.user.id).not.toBe(member.id);
  });

  test('a stale session needs the password', async () => {
    const { browser, email } = await stage.member();
    stage.world.clock.advance(days(1));
    const stale = await browser.post('/delete-user');
    expect([stale.status, stale.body]).toEqual([
      400,
      { message: 'Session expired. Re-authenticate to perform this action.', code: 'SESSION_EXPIRED' },
    ]);
    expect((await browser.post('/delete-user', { password: 'wrong one' })).body.code).toBe('INVALID_PASSWORD');
    expect((await browser.post('/delete-user', { password })).body.message).toBe('User deleted');
    expect((await gone(email)).status).toBe(401);
  });

  test('an empty password is a wrong one: a field left empty deletes nobody', async () => {
    const { browser } = await stage.member();
    expect((await browser.post('/delete-user', { password: '' })).body.code).toBe('INVALID_PASSWORD');
  });

  test('a bad token is 404 INVALID_TOKEN', async () => {
    const { browser } = await stage.member();
    const reply = await browser.post('/delete-user', { token: '0'.repeat(45) });
    expect([reply.status, reply.body]).toEqual([404, { message: 'Invalid token', code: 'INVALID_TOKEN' }]);
  });
});

onEveryEngine(
  'POST /delete-user by mail',
  { policy: { 'users.selfDeletion': true, 'users.deletionProof': 'mail' } },
  (stage) => {
    const mailedLink = async (
      browser: { post: (path: string, body?: unknown) => Promise<{ text: string }> },
      email: string,
    ) => {
      const reply = await browser.post('/delete-user', { callbackURL: '/bye?a=1&b=2' });
      expect(reply.text).toBe('{"success":true,"message":"Verification email sent"}');
      return (await stage.world.mail(email)).links[0]!;
    };

    test('the link deletes, clears cookies and redirects', async () => {
      const { browser, email } = await stage.member();
      const link = await mailedLink(browser, email);
      expect(link).toMatch(
        /\/delete-user\/callback\?token=\w{45}&callbackURL=http%3A%2F%2F127.0.0.1%3A\d+%2Fbye%3Fa%3D1%26b%3D2$/,
      );
      const reply = await browser.get(link);
      expect([reply.status, reply.headers.get('location'), reply.setCookies.length]).toEqual([
        302,
        `${stage.world.url}/bye?a=1&b=2`,
        3,
      ]);
      expect((await stage.browser().post('/sign-in/email', { email, password })).status).toBe(401);
    });

    test('or the app posts the token', async () => {
      const { browser, email } = await stage.member();
      await mailedLink(browser, email);
      const reply = await browser.post('/delete-user', { token: await stage.mailedToken(email) });
      expect(reply.body).toEqual({ success: true, message: 'User deleted' });
    });

    test('a wrong password is refused before any mail', async () => {
      const { browser, email } = await stage.member();
      expect((await browser.post('/delete-user', { password: 'wrong one' })).body.code).toBe('INVALID_PASSWORD');
      expect(await stage.world.mails(email)).toHaveLength(1);
    });

    test('without a session, or with a revoked one, the link does nothing', async () => {
      const { browser, email } = await stage.member();
      const link = await mailedLink(browser, email);
      const reply = await stage.browser().get(link);
      expect([reply.status, reply.body]).toEqual([
        404,
        { message: 'Failed to get user info', code: 'FAILED_TO_GET_USER_INFO' },
      ]);
      const twin = await browser.copy();
      await browser.post('/sign-out');
      expect((await twin.get(link)).status).toBe(404);
      expect((await stage.browser().post('/sign-in/email', { email, password })).status).toBe(200);
    });

    test("somebody else's link is INVALID_TOKEN, and stays good for its person", async () => {
      const { browser, email } = await stage.member();
      const stranger = await stage.member();
      const link = await mailedLink(browser, email);
      expect((await stranger.browser.get(link)).body).toEqual({ message: 'Invalid token', code: 'INVALID_TOKEN' });
      expect((await browser.get(link)).status).toBe(302);
      expect((await stranger.browser.get('/get-session')).body.user.email).toBe(stranger.email);
    });

    test('the same link twice at once deletes once', async () => {
      const { browser, email } = await stage.member();
      const link = (await mailedLink(browser, email)).replace(/&callbackURL=.*/, '');
      const replies = await Promise.all([1, 2, 3].map(async () => (await browser.copy()).get(link)));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    });
  },
);

describe('deletion switched off', () => {
  onOneEngine('POST /delete-user, GET /delete-user/callback', {}, (stage) => {
    test('are 404 with nothing in them', async () => {
      const { browser } = await stage.member();
      for (const reply of [await browser.post('/delete-user'), await browser.get('/delete-user/callback?token=x')]) {
        expect(reply.status).toBe(404);
      }
    });
  });
});
