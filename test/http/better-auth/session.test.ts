import { describe, expect, test } from 'vitest';
import { days, hours } from '../../../src/base/clock.ts';
import { onOneEngine, password } from '../../kit/stage.ts';

const cleared = ['session_token', 'session_data', 'dont_remember'].map(
  (name) => `better-auth.${name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax`,
);

onOneEngine('sessions', {}, (stage) => {
  describe('POST /sign-out', () => {
    test('ends the session and deletes the three cookies in order', async () => {
      const { browser, token } = await stage.member();
      const reply = await browser.post('/sign-out');
      expect(reply.text).toBe('{"success":true}');
      expect(reply.setCookies).toEqual(cleared);
      const bearer = await stage.browser().get('/get-session', { authorization: `Bearer ${token}` });
      expect(bearer.text).toBe('null');
    });

    test('without a session it is done already', async () => {
      const reply = await stage.browser().send('POST', '/sign-out');
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({ success: true });
    });

    test('by a form without a script; not one of another site', async () => {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const { browser } = await stage.member();
      const theirs = await browser.post('/sign-out', 'disableRedirect=true', {
        ...type,
        origin: 'https://evil.example',
      });
      expect([theirs.status, theirs.body.code]).toEqual([403, 'INVALID_ORIGIN']);
      expect((await browser.get('/get-session')).body).not.toBeNull();
      const ours = await browser.post('/sign-out', 'disableRedirect=true', type);
      expect([ours.status, ours.body]).toEqual([200, { success: true }]);
      expect((await browser.get('/get-session')).body).toBeNull();
    });

    test('an untrusted callbackURL is refused and the session stays', async () => {
      const { browser } = await stage.member();
      expect((await browser.post('/sign-out', { callbackURL: 'https://evil.example/' })).status).toBe(403);
      expect((await browser.get('/get-session')).body).not.toBeNull();
    });
  });

  describe('GET /get-session', () => {
    test('answers session and user; never cached', async () => {
      const { browser, email, id, token } = await stage.member();
      const reply = await browser.get('/get-session');
      expect(Object.keys(reply.body)).toEqual(['session', 'user']);
      expect(reply.body.session).toMatchObject({
        userId: id,
        token,
        createdAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      });
      expect(reply.body.user.email).toBe(email);
      expect(reply.headers.get('cache-control')).toBe('no-store');
      expect(reply.headers.get('pragma')).toBe('no-cache');
      expect(reply.setCookies).toEqual([]);
    });

    test('null and not cached either when nobody is signed in; other answers say nothing of caches', async () => {
      const reply = await stage.browser().get('/get-session');
      expect(reply.text).toBe('null');
      expect(reply.headers.get('cache-control')).toBe('no-store');
      expect(reply.setCookies).toEqual([]);
      expect((await stage.browser().get('/ok')).headers.get('cache-control')).toBeNull();
    });

    test.each([
      ['unsigned', (value: string) => value.split('.')[0]!],
      ['cut short', (value: string) => value.slice(0, -1)],
      ['of text', () => 'true'],
    ])('a cookie that is %s means null, and its deletion', async (_what, change) => {
      const { browser } = await stage.member();
      const value = decodeURIComponent((await browser.cookie('better-auth.session_token'))!);
      const cookie = `better-auth.session_token=${encodeURIComponent(change(value))}`;
      const reply = await stage.browser().get('/get-session', { cookie });
      expect(reply.text).toBe('null');
      expect(reply.setCookies).toEqual(cleared);
    });

    test('a cookie that another server signed means null, and stays: browsers share cookies between ports', async () => {
      const { browser } = await stage.member();
      const value = decodeURIComponent((await browser.cookie('better-auth.session_token'))!);
      const foreign = encodeURIComponent(value.replace(/^./, (first) => (first === '0' ? '1' : '0')));
      const reply = await stage.browser().get('/get-session', { cookie: `better-auth.session_token=${foreign}` });
      expect([reply.text, reply.setCookies]).toEqual(['null', []]);
    });

    test('POST is for deferred refresh, which is not offered', async () => {
      const reply = await stage.browser().post('/get-session');
      expect(reply.status).toBe(405);
      expect(reply.body.code).toBe('METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED');
    });
  });

  describe('the life of a session (spec §1.6)', () => {
    test('a read after a day moves the expiry to seven days from then and sends the cookie again; before, it does not', async () => {
      const { browser, token } = await stage.member();
      stage.world.clock.advance(days(1) - 1);
      expect((await browser.get('/get-session')).setCookies).toEqual([]);
      stage.world.clock.advance(1);
      const reply = await browser.get('/get-session');
      expect(reply.setCookies).toEqual([
        expect.stringMatching(/^better-auth\.session_token=.*; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/),
      ]);
      expect(reply.headers.get('set-auth-token')).toMatch(new RegExp(`^${token}\\.`));
      expect(Date.parse(reply.body.session.expiresAt)).toBe(stage.world.clock.now() + days(7));
    });

    test('disableRefresh reads without moving it', async () => {
      const { browser } = await stage.member();
      stage.world.clock.advance(days(2));
      const reply = await browser.get('/get-session?disableRefresh=true');
      expect(reply.setCookies).toEqual([]);
      expect(Date.parse(reply.body.session.expiresAt)).toBe(stage.world.clock.now() + days(5));
      expect((await browser.get('/get-session')).setCookies).toHaveLength(1);
    });

    test('other operations extend it as well', async () => {
      const { browser } = await stage.member();
      stage.world.clock.advance(days(2));
      expect((await browser.get('/list-accounts')).setCookies).toHaveLength(1);
    });

    test('after seven unused days it is over', async () => {
      const { browser } = await stage.member();
      stage.world.clock.advance(days(7));
      const reply = await browser.get('/get-session');
      expect(reply.text).toBe('null');
      expect(reply.setCookies).toEqual(cleared);
    });

    test('one that should not be remembered ends after a day, used or not', async () => {
      const { browser } = await stage.member({ body: { rememberMe: false } });
      stage.world.clock.advance(days(1) - 1);
      const reply = await browser.get('/get-session');
      expect(reply.body).not.toBeNull();
      expect(reply.setCookies).toEqual([]);
      stage.world.clock.advance(1);
      expect((await browser.get('/get-session')).text).toBe('null');
    });
  });

  describe('GET /list-sessions, POST /revoke-*', () => {
    test('lists live sessions of this user only, the own token in clear, handles for the others', async () => {
      const member = await stage.member();
      await stage.member();
      const other = await stage.signIn(member);
      const { body } = await member.browser.get('/list-sessions');
      expect(body).toHaveLength(2);
      const tokens = body.map((session: { token: string }) => session.token);
      expect(tokens).toContain(member.token);
      const otherId = (await other.get('/get-session')).body.session.id;
      expect(tokens).toContain(otherId);
      const answer = await stage.browser().get('/get-session', { authorization: `Bearer ${otherId}` });
      expect(answer.text).toBe('null'); // a handle signs nobody in
    });

    test('a session older than a day may not list: creation counts, not use', async () => {
      const { browser } = await stage.member();
      stage.world.clock.advance(hours(23));
      await browser.get('/get-session');
      stage.world.clock.advance(hours(1));
      const reply = await browser.get('/list-sessions');
      expect(reply.status).toBe(403);
      expect(reply.body).toEqual({ message: 'Session is not fresh', code: 'SESSION_NOT_FRESH' });
    });

    test('expired sessions are not listed', async () => {
      const member = await stage.member({ body: { rememberMe: false } });
      stage.world.clock.advance(days(1));
      const browser = await stage.signIn(member);
      expect((await browser.get('/list-sessions')).body).toHaveLength(1);
    });

    test('a revoked session neither shows nor authenticates', async () => {
      const member = await stage.member();
      const other = await stage.signIn(member);
      const token = decodeURIComponent((await other.cookie('better-auth.session_token'))!).split('.')[0];
      expect((await member.browser.post('/revoke-session', { token })).text).toBe('{"status":true}');
      expect((await other.get('/get-session')).text).toBe('null');
      expect((await member.browser.get('/list-sessions')).body).toHaveLength(1);
    });

    test('unknown and foreign ones answer the same and change nothing', async () => {
      const member = await stage.member();
      const stranger = await stage.member();
      const { id } = (await stranger.browser.get('/get-session')).body.session;
      for (const token of [stranger.token, id, 'nothing', '']) {
        const reply = await member.browser.post('/revoke-session', { token });
        expect([reply.status, reply.text]).toEqual([200, '{"status":true}']);
      }
      expect((await stranger.browser.get('/get-session')).body).not.toBeNull();
    });

    test('revoking the own one clears its cookie', async () => {
      const { browser, token } = await stage.member();
      expect((await browser.post('/revoke-session', { token })).setCookies).toEqual(cleared);
    });

    test('revoke-other-sessions leaves this one; revoke-sessions leaves none', async () => {
      const member = await stage.member();
      const other = await stage.signIn(member);
      expect((await member.browser.send('POST', '/revoke-other-sessions')).text).toBe('{"status":true}');
      expect((await other.get('/get-session')).text).toBe('null');
      expect((await member.browser.get('/get-session')).body).not.toBeNull();
      const third = await stage.signIn(member);
      expect((await member.browser.post('/revoke-sessions')).setCookies).toEqual(cleared);
      expect((await third.get('/get-session')).text).toBe('null');
    });

    test.each(['/revoke-session', '/revoke-sessions', '/revoke-other-sessions'])('%s needs a session', async (path) => {
      const reply = await stage.browser().post(path, { token: 'x' });
      expect([reply.status, reply.text]).toEqual([401, '{"message":"Unauthorized","code":"UNAUTHORIZED"}']);
    });
  });
});

onOneEngine('list-sessions for applications of the 1.2 era', { betterAuth: { listSessionsFresh: false } }, (stage) => {
  test('needs no fresh session when configured so', async () => {
    const { browser } = await stage.member();
    stage.world.clock.advance(days(3));
    expect((await browser.get('/list-sessions')).status).toBe(200);
  });
});

onOneEngine(
  'cookies over https with a prefix and a domain',
  {
    http: { publicUrl: 'https://id.example.com' },
    betterAuth: { cookiePrefix: 'acme', cookieDomain: 'example.com' },
  },
  (stage) => {
    test('names, Domain and Secure (spec §1.7)', async () => {
      const headers = { origin: 'https://id.example.com' };
      const reply = await stage
        .browser()
        .post('/sign-up/email', { email: stage.address(), password, name: 'A' }, headers);
      expect(reply.setCookies).toEqual([
        expect.stringMatching(
          /^__Secure-acme\.session_token=[^;]+; Max-Age=604800; Domain=example\.com; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
        ),
      ]);
      expect((await stage.browser().post('/sign-out', {}, headers)).setCookies[0]).toBe(
        '__Secure-acme.session_token=; Max-Age=0; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax',
      );
    });
  },
);
