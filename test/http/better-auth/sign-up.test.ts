import { describe, expect, test } from 'vitest';
import { onEveryEngine, onOneEngine, otherPassword, password } from '../../kit/stage.ts';

const form = 'application/x-www-form-urlencoded';

onEveryEngine(
  'POST /sign-up/email',
  { betterAuth: { additionalFields: { plan: 'string', seats: 'number' } } },
  (stage) => {
    const signUp = (body: Record<string, unknown>, headers?: Record<string, string>) =>
      stage.browser().post('/sign-up/email', { email: stage.address(), password, name: 'Ada', ...body }, headers);

    test('an empty name is a name (spec §5)', async () => {
      const reply = await signUp({ name: '' });
      expect(reply.status).toBe(200);
      expect(reply.body.user.name).toBe('');
    });

    test('answers the token and the full user, in the order of upstream (spec §1.5)', async () => {
      const email = stage.address();
      const { body } = await signUp({ email });
      expect(Object.keys(body)).toEqual(['token', 'user']);
      expect(body.user).toEqual({
        id: expect.any(String),
        name: 'Ada',
        email,
        emailVerified: false,
        image: null,
        createdAt: '2026-08-01T12:00:00.000Z',
        updatedAt: '2026-08-01T12:00:00.000Z',
        username: null,
        displayUsername: null,
        twoFactorEnabled: false,
        role: 'user',
        banned: false,
        banReason: null,
        banExpires: null,
        plan: null,
        seats: null,
      });
    });

    test('the session knows the address and the agent it was made from', async () => {
      const browser = stage.browser({ 'x-forwarded-for': '198.51.100.9', 'user-agent': 'Netscape 4' });
      await browser.post('/sign-up/email', { email: stage.address(), password, name: 'Ada' });
      const { session } = (await browser.get('/get-session')).body;
      expect(session).toMatchObject({ ipAddress: '198.51.100.9', userAgent: 'Netscape 4' });
    });

    test.each(['role', 'banned', 'banReason', 'banExpires', 'twoFactorEnabled'])(
      'what only the server sets is refused: %s',
      async (field) => {
        const email = stage.address();
        const reply = await signUp({ email, [field]: 'admin' });
        expect(reply.status).toBe(400);
        expect(reply.body).toEqual({ message: `${field} is not allowed to be set`, code: 'FIELD_NOT_ALLOWED' });
        expect((await signUp({ email })).status).toBe(200); // nobody was made
      },
    );

    test('a verified flag in the body changes nothing', async () => {
      expect((await signUp({ emailVerified: true, id: 'mine', createdAt: 1 })).body.user).toMatchObject({
        emailVerified: false,
        id: expect.not.stringMatching('mine'),
      });
    });

    test('configured additional fields come back in the user; unknown ones are dropped', async () => {
      const reply = await signUp({ plan: 'pro', seats: 3, shoeSize: 44 });
      expect(reply.body.user).toMatchObject({ plan: 'pro', seats: 3 });
      expect(reply.body.user).not.toHaveProperty('shoeSize');
      expect((await signUp({ seats: 'many' })).status).toBe(400);
    });

    test.each([
      ['no body', undefined, /^\[body\]/],
      ['a list', [], /^\[body\]/],
      ['nothing in it', {}, /\[body\.name\].*; \[body\.email\].*; \[body\.password\]/],
      [
        'a number for a name',
        { name: 1, email: 'a@example.com', password },
        /^\[body\.name\] Invalid input: expected string, received number$/,
      ],
      ['an empty password', { name: 'A', email: 'a@example.com', password: '' }, /^\[body\.password\]/],
      ['no address', { name: 'A', email: 'nobody', password }, /^\[body\.email\] Invalid email address$/],
    ])('a body of the wrong shape is 400: %s', async (_what, body, message) => {
      const browser = stage.browser();
      const reply = await browser.send('POST', '/sign-up/email', body, { 'content-type': 'application/json' });
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({ message: expect.stringMatching(message), code: 'VALIDATION_ERROR' });
    });

    test('bounds of the password: 8 and 128', async () => {
      expect((await signUp({ password: 'x'.repeat(7) })).body).toEqual({
        message: 'Password too short',
        code: 'PASSWORD_TOO_SHORT',
      });
      expect((await signUp({ password: 'x'.repeat(129) })).body).toEqual({
        message: 'Password too long',
        code: 'PASSWORD_TOO_LONG',
      });
      expect((await signUp({ password: 'x'.repeat(8) })).status).toBe(200);
      expect((await signUp({ password: 'x'.repeat(128) })).status).toBe(200);
    });

    test('an address in another letter case is a duplicate; addresses are stored in lower case', async () => {
      const email = stage.address();
      const first = await signUp({ email: email.toUpperCase() });
      expect(first.body.user.email).toBe(email);
      const second = await signUp({ email: email.replace('p', 'P') });
      expect(second.status).toBe(422);
      expect(second.body).toEqual({
        message: 'User already exists. Use another email.',
        code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL',
      });
      expect(second.setCookies).toEqual([]);
    });

    test('the mailed link carries the encoded callbackURL at the origin that asked, its "/" when there is none', async () => {
      const email = stage.address();
      await signUp({ email, callbackURL: '/done?a=1&b=2' });
      expect((await stage.world.mail(email)).links[0]).toMatch(
        /\/verify-email\?token=\w{45}&callbackURL=http%3A%2F%2F127.0.0.1%3A\d+%2Fdone%3Fa%3D1%26b%3D2$/,
      );
      const other = stage.address();
      await signUp({ email: other });
      expect((await stage.world.mail(other)).links[0]).toMatch(/&callbackURL=http%3A%2F%2F127.0.0.1%3A\d+%2F$/);
    });

    test('rememberMe:false opens a session of a day, with cookies that end with the browser', async () => {
      const reply = await signUp({ rememberMe: false });
      expect(reply.setCookies.map((line) => line.split('=', 1)[0])).toEqual([
        'better-auth.session_token',
        'better-auth.dont_remember',
      ]);
      expect(reply.setCookies.join()).not.toContain('Max-Age');
    });

    test('a urlencoded form is a body as well', async () => {
      const browser = stage.browser();
      const email = stage.address();
      const body = new URLSearchParams({ email, password, name: 'Ada', rememberMe: 'false' }).toString();
      const reply = await browser.send('POST', '/sign-up/email', body, { 'content-type': form });
      expect(reply.status).toBe(200);
      expect(reply.body.user.email).toBe(email);
      expect(reply.setCookies.join()).not.toContain('Max-Age');
    });

    test('several sign-ups at once with one address make one user', async () => {
      const email = stage.address();
      const replies = await Promise.all(Array.from({ length: 8 }, () => signUp({ email })));
      expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(422)]);
    });
  },
);

onOneEngine(
  'POST /sign-up/email where verification is required',
  { policy: { emailVerification: 'required' } },
  (stage) => {
    const signUp = (email: string, body: Record<string, unknown> = {}) =>
      stage.browser().post('/sign-up/email', { email, password, name: 'Ada', ...body });

    test('a new user gets no session', async () => {
      const reply = await signUp(stage.address());
      expect(reply.body.token).toBeNull();
      expect(reply.setCookies).toEqual([expect.stringMatching(/^better-auth\.mail_link=/)]);
      expect(reply.headers.get('set-auth-token')).toBeNull();
    });

    test.each([{}, { image: 'https://example.com/a.png' }, { username: 'ada_l' }])(
      'a taken address is answered with a made-up user of the same form, to the byte (§1.13) %o',
      async (body) => {
        const email = stage.address();
        await signUp(email);
        const shape = (text: string) =>
          text
            .replaceAll(/"id":"[^"]+"/g, '"id"')
            .replaceAll(/person\d+@/g, 'person@')
            .replaceAll(/ada_[a-z]\d*/g, 'ada');
        const other = stage.address();
        const taken = await signUp(email, body.username ? { ...body, username: `ada_t${other.length}` } : body);
        const fresh = await signUp(other, body.username ? { ...body, username: `ada_f${other.length}` } : body);
        expect(taken.status).toBe(200);
        expect(shape(taken.text)).toBe(shape(fresh.text));
        expect([...taken.headers.keys()]).toEqual([...fresh.headers.keys()]);
      },
    );

    test('the owner of a taken address is told; the other password changes nothing', async () => {
      const email = stage.address();
      await signUp(email);
      await stage.browser().get((await stage.world.mail(email)).links[0]!);
      await signUp(email, { password: otherPassword });
      expect((await stage.world.mail(email)).subject).toMatch(/already/i);
      expect((await stage.browser().post('/sign-in/email', { email, password: otherPassword })).status).toBe(401);
    });
  },
);

onOneEngine('POST /sign-up/email that opens no session', { policy: { 'signUp.concealTaken': 'always' } }, (stage) => {
  test('new and taken addresses get token:null, and no cookie but the one that mailed links know the browser by', async () => {
    const email = stage.address();
    for (const _time of ['new', 'taken']) {
      const reply = await stage.browser().post('/sign-up/email', { email, password, name: 'Ada' });
      expect(reply.status).toBe(200);
      expect(reply.body).toMatchObject({ token: null, user: { email } });
      expect(reply.setCookies).toEqual([expect.stringMatching(/^better-auth\.mail_link=/)]);
    }
  });
});

describe('switched off', () => {
  onOneEngine('sign-up', { policy: { 'signUp.enabled': false } }, (stage) => {
    test('answers EMAIL_PASSWORD_SIGN_UP_DISABLED', async () => {
      const reply = await stage.browser().post('/sign-up/email', { email: stage.address(), password, name: 'Ada' });
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({
        message: 'Email and password sign up is not enabled',
        code: 'EMAIL_PASSWORD_SIGN_UP_DISABLED',
      });
    });
  });

  onOneEngine('passwords', { policy: { 'methods.password': false, 'signUp.enabled': true } }, (stage) => {
    test('sign-up and sign-in answer with their own codes', async () => {
      const body = { email: stage.address(), password, name: 'Ada' };
      expect((await stage.browser().post('/sign-up/email', body)).body.code).toBe('EMAIL_PASSWORD_SIGN_UP_DISABLED');
      const reply = await stage.browser().post('/sign-in/email', body);
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({ message: 'Email and password is not enabled', code: 'EMAIL_PASSWORD_DISABLED' });
      const reset = await stage.browser().post('/request-password-reset', { email: body.email });
      expect(reset.status).toBe(400);
      expect(reset.body.code).toBe('RESET_PASSWORD_DISABLED');
    });
  });
});
