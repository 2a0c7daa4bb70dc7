import { expect, test } from 'vitest';
import { onOneEngine, password } from '../../kit/stage.ts';

const sessionCookie =
  /^better-auth\.session_token=[0-9a-hjkmnp-tv-z]{45}\.[A-Za-z0-9%]+%3D; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/;

onOneEngine('POST /sign-in/email', {}, (stage) => {
  test('sets the session cookie, to the letter (spec §1.7)', async () => {
    const { email } = await stage.member();
    const reply = await stage.browser().post('/sign-in/email', { email, password });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('application/json');
    expect(reply.setCookies).toHaveLength(1);
    expect(reply.setCookies[0]).toMatch(sessionCookie);
    expect(reply.body).toMatchObject({ redirect: false, token: expect.stringMatching(/^\w{45}$/), user: { email } });
    expect(reply.body).not.toHaveProperty('url');
    expect(reply.headers.get('location')).toBeNull();
  });

  test('records address and agent', async () => {
    const { email } = await stage.member();
    const browser = stage.browser({ 'x-forwarded-for': '198.51.100.10', 'user-agent': 'Lynx' });
    await browser.post('/sign-in/email', { email, password });
    expect((await browser.get('/get-session')).body.session).toMatchObject({
      ipAddress: '198.51.100.10',
      userAgent: 'Lynx',
    });
  });

  test('works with any letter case of the address', async () => {
    const { email, id } = await stage.member();
    const reply = await stage.browser().post('/sign-in/email', { email: email.toUpperCase(), password });
    expect(reply.body.user.id).toBe(id);
  });

  test('rememberMe:false: no Max-Age, a day long, never extended', async () => {
    const { email } = await stage.member();
    const browser = stage.browser();
    const reply = await browser.post('/sign-in/email', { email, password, rememberMe: false });
    expect(reply.setCookies).toEqual([
      expect.stringMatching(/^better-auth\.session_token=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^better-auth\.dont_remember=true\.[^;]+; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    const { session } = (await browser.get('/get-session')).body;
    expect(Date.parse(session.expiresAt) - stage.world.clock.now()).toBe(86_400_000);
  });

  test('callbackURL comes back as url, redirect and Location', async () => {
    const { email } = await stage.member();
    const reply = await stage.browser().post('/sign-in/email', { email, password, callbackURL: '/home' });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ redirect: true, url: '/home' });
    expect(reply.headers.get('location')).toBe('/home');
  });

  test('an untrusted callbackURL is refused before anything else', async () => {
    const reply = await stage
      .browser()
      .post('/sign-in/email', { email: 'x', password: 1, callbackURL: 'https://evil.example' });
    expect(reply.status).toBe(403);
    expect(reply.body).toEqual({ message: 'Invalid callbackURL', code: 'INVALID_CALLBACK_URL' });
  });

  test('unknown address and wrong password are one answer', async () => {
    const { email } = await stage.member();
    const wrong = await stage.browser().post('/sign-in/email', { email, password: 'not this' });
    const unknown = await stage.browser().post('/sign-in/email', { email: stage.address(), password });
    for (const reply of [wrong, unknown]) {
      expect(reply.status).toBe(401);
      expect(reply.text).toBe('{"message":"Invalid email or password","code":"INVALID_EMAIL_OR_PASSWORD"}');
      expect(reply.setCookies).toEqual([]);
    }
  });

  test('text that is no address is INVALID_EMAIL', async () => {
    const reply = await stage.browser().post('/sign-in/email', { email: 'nobody', password });
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ message: 'Invalid email', code: 'INVALID_EMAIL' });
  });

  test('a urlencoded form signs in', async () => {
    const { email } = await stage.member();
    const body = new URLSearchParams({ email, password }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await stage.browser().send('POST', '/sign-in/email', body, type)).status).toBe(200);
  });

  test('every sign-in has a token of its own', async () => {
    const member = await stage.member();
    const one = await (await stage.signIn(member)).cookie('better-auth.session_token');
    const two = await (await stage.signIn(member)).cookie('better-auth.session_token');
    expect(one).not.toBe(two);
  });
});

onOneEngine(
  'POST /sign-in/email where verification is required',
  { policy: { emailVerification: 'required' } },
  (stage) => {
    test('says so only after the right password, and mails the link again at most once a minute', async () => {
      const { email } = await stage.member();
      const wrong = await stage.browser().post('/sign-in/email', { email, password: 'not this' });
      expect(wrong.status).toBe(401);
      expect(await stage.world.mails(email)).toHaveLength(1);
      for (const _time of [1, 2]) {
        const right = await stage.browser().post('/sign-in/email', { email, password, callbackURL: '/a?b=c&d' });
        expect(right.status).toBe(403);
        expect(right.body).toEqual({ message: 'Email not verified', code: 'EMAIL_NOT_VERIFIED' });
        expect(right.setCookies).toEqual([expect.stringMatching(/^better-auth\.mail_link=/)]);
      }
      expect(await stage.world.mails(email)).toHaveLength(2);
      expect((await stage.world.mail(email)).links[0]).toContain(
        `&callbackURL=${encodeURIComponent(`${stage.world.url}/a?b=c&d`)}`,
      );
      await stage.browser().get((await stage.world.mail(email)).links[0]!);
      expect((await stage.browser().post('/sign-in/email', { email, password })).status).toBe(200);
    });
  },
);
