import { expect, test } from 'vitest';
import { hours } from '../../../src/base/clock.ts';
import { axumKitOnOneEngine, expectError, expectStatus, password } from '../../kit/axumkit.ts';

const cookieOf = (lines: readonly string[], name: string): string | undefined =>
  lines.find((line) => line.startsWith(`${name}=`));

axumKitOnOneEngine('POST /v0/auth/login and logout (spec §2.2, §1.3)', {}, (kit) => {
  test('204 and a cookie that the browser forgets; its attributes are upstream’s', async () => {
    const { email } = await kit.resident();
    const reply = await kit.browser().post('/v0/auth/login', { email, password });
    expectStatus(reply, 204);
    expect(reply.text).toBe('');
    expect(cookieOf(reply.setCookies, 'session_id')).toMatch(
      /^session_id=[0-9a-z]{45}; HttpOnly; SameSite=Lax; Secure; Path=\/$/,
    );
    // The session cookie comes before the anonymous one (spec §1.3).
    expect(reply.setCookies.map((line) => line.split('=')[0])).toEqual(['session_id', 'anonymous_user_id']);
  });

  test('remember_me keeps the cookie for the absolute life of the session', async () => {
    const { email } = await kit.resident();
    const reply = await kit.browser().post('/v0/auth/login', { email, password, remember_me: true });
    expect(cookieOf(reply.setCookies, 'session_id')).toMatch(/; Path=\/; Max-Age=2592000$/);
  });

  test('unknown address, wrong password and an account without one are the same answer', async () => {
    const { email } = await kit.resident();
    const without = await kit.resident();
    const { store } = kit.world.app.mainProject;
    await store.transaction((tx) => tx.passwords.remove(without.id));
    const answers = [];
    for (const given of [email, kit.address(), without.email]) {
      answers.push(await kit.browser().post('/v0/auth/login', { email: given, password: 'not the password' }));
    }
    for (const answer of answers) {
      expectError(answer, 401, 'auth:invalid_credentials');
      expect(answer.text).toBe(answers[0]!.text);
      expect(cookieOf(answer.setCookies, 'session_id')).toBeUndefined();
    }
  });

  test('an address is found in any letter case (core map E1)', async () => {
    const { email } = await kit.resident();
    expectStatus(await kit.browser().post('/v0/auth/login', { email: email.toUpperCase(), password }), 204);
  });

  test('a password longer than may be set here still signs in (core map P1)', async () => {
    const long = 'a password of more than twenty characters';
    const email = kit.address();
    const elsewhere = kit.stage.browser();
    await elsewhere.post('/sign-up/email', { email, password: long, name: 'Ada' });
    expectStatus(await kit.browser().post('/v0/auth/login', { email, password: long }), 204);
  });

  test('a malformed address and a password below six characters break a rule; null for remember_me is unreadable', async () => {
    const { email } = await kit.resident();
    const send = (body: object) => kit.browser().post('/v0/auth/login', body);
    expectError(await send({ email: 'ada', password }), 400, 'general:validation_error');
    expectError(await send({ email, password: '12345' }), 400, 'general:validation_error');
    expectError(await send({ email, password, remember_me: null }), 400, 'general:bad_request');
    expectError(await send({ email, password, remember_me: 'yes' }), 400, 'general:bad_request');
    expectError(await send({ email }), 400, 'general:bad_request');
  });

  test('a banned and a deactivated person learn it only with the right password', async () => {
    for (const stop of ['ban', 'deactivate'] as const) {
      const { email, id, browser } = await kit.resident();
      await kit.stage[stop](id);
      expectError(await browser.get('/v0/user/me'), 401, 'user:unauthorized');
      expectError(await kit.browser().post('/v0/auth/login', { email, password }), 403, 'user:banned');
      const wrong = await kit.browser().post('/v0/auth/login', { email, password: 'not the password' });
      expectError(wrong, 401, 'auth:invalid_credentials');
    }
  });

  test('logging out ends this session, clears the cookie and leaves the others (e2e logout_invalidates…)', async () => {
    const { browser, email } = await kit.resident();
    const other = await kit.signIn(email);
    const copy = await browser.copy();
    expectStatus(await browser.get('/v0/user/me'), 200);
    const reply = await browser.post('/v0/auth/logout');
    expectStatus(reply, 204);
    expect(cookieOf(reply.setCookies, 'session_id')).toBe(
      'session_id=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0',
    );
    expectError(await copy.get('/v0/user/me'), 401, 'user:unauthorized');
    expectStatus(await other.get('/v0/user/me'), 200);
    expectError(await browser.post('/v0/auth/logout'), 401, 'user:unauthorized');
  });

  test('a session slides by 24 hours when half of them are gone, and the cookie is not sent again', async () => {
    const { browser } = await kit.resident();
    const { clock } = kit.world;
    for (let day = 0; day < 4; day += 1) {
      clock.advance(hours(20));
      const reply = await browser.get('/v0/user/me');
      expectStatus(reply, 200);
      expect(cookieOf(reply.setCookies, 'session_id')).toBeUndefined();
    }
    clock.advance(hours(24));
    expectError(await browser.get('/v0/user/me'), 401, 'session:expired');
  });

  test('before half of its life is gone nothing moves', async () => {
    const { browser } = await kit.resident();
    const { clock } = kit.world;
    clock.advance(hours(11));
    expectStatus(await browser.get('/v0/user/me'), 200);
    clock.advance(hours(13));
    expectError(await browser.get('/v0/user/me'), 401, 'session:expired');
  });

  test('after 720 hours it is over, however often it was used: session:expired', async () => {
    const { browser } = await kit.resident();
    const { clock } = kit.world;
    for (let used = 0; used < 35; used += 1) {
      clock.advance(hours(20));
      expectStatus(await browser.get('/v0/user/me'), 200);
    }
    clock.advance(hours(20));
    expectError(await browser.get('/v0/user/me'), 401, 'session:expired');
  });

  test('garbage for a session is nobody, before the body is looked at', async () => {
    for (const value of ['x', '%00', '0'.repeat(45), '0190a0a0-0000-7000-8000-000000000000', '%ff', '']) {
      const browser = kit.browser({ cookie: `session_id=${value}` });
      expectError(await browser.get('/v0/user/me'), 401, 'user:unauthorized');
      expectError(await browser.send('PATCH', '/v0/user/me', '{not json'), 401, 'user:unauthorized');
    }
  });

  test('a bearer token serves applications without cookies; the cookie wins', async () => {
    const { browser, email } = await kit.resident();
    const token = (await browser.cookie('session_id'))!;
    const bearer = kit.browser({ authorization: `Bearer ${token}` });
    expect((await bearer.get('/v0/user/me')).body.email).toBe(email);
    const both = kit.browser({ authorization: `Bearer ${token}`, cookie: 'session_id=nobody' });
    expectError(await both.get('/v0/user/me'), 401, 'user:unauthorized');
  });

  test('a session of another dialect is accepted in this one’s cookie (core map T3)', async () => {
    const { token, email } = await kit.stage.member();
    const browser = kit.browser({ cookie: `session_id=${token}` });
    expect((await browser.get('/v0/user/me')).body.email).toBe(email);
  });

  test('ten wrong passwords from one network close that door for a while: rate_limit:exceeded', async () => {
    const { email } = await kit.resident();
    const browser = kit.browser();
    for (let tried = 0; tried < 10; tried += 1) {
      await browser.post('/v0/auth/login', { email, password: 'not the password' });
    }
    const reply = await browser.post('/v0/auth/login', { email, password });
    expectError(reply, 429, 'rate_limit:exceeded');
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(reply.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(reply.headers.get('x-ratelimit-reset')).toBe(reply.headers.get('retry-after'));
  });
});

axumKitOnOneEngine('where passwords are switched off', { policy: { 'methods.password': false } }, (kit) => {
  test('no one signs in or registers by one', async () => {
    const body = { email: kit.address(), password, handle: kit.handle(), display_name: 'Ada' };
    expectError(await kit.browser().post('/v0/auth/login', body), 403, 'user:permission_insufficient');
    expectError(await kit.browser().post('/v0/users', body), 403, 'user:permission_insufficient');
    expectError(await kit.browser().post('/v0/auth/forgot-password', body), 403, 'user:permission_insufficient');
  });
});

axumKitOnOneEngine('front limits (spec §1.8)', { development: false, http: { limits: true } }, (kit) => {
  test('say how many requests a route takes and when to come back', async () => {
    const browser = kit.browser();
    let reply = await browser.post('/v0/auth/forgot-password', { email: 'a@example.com' });
    for (let sent = 0; sent < 5; sent += 1)
      reply = await browser.post('/v0/auth/forgot-password', { email: 'a@example.com' });
    expectError(reply, 429, 'rate_limit:exceeded');
    expect(reply.headers.get('x-ratelimit-limit')).toBe('5');
    expect(reply.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});
