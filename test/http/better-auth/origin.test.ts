import { describe, expect, test } from 'vitest';
import { onOneEngine, password, rawRequest } from '../../kit/stage.ts';

const origins = ['https://app.example.com', 'https://*.tenant.example', 'myapp://callback/in', 'anyapp://'];

onOneEngine('Origin check (spec §1.9)', { policy: { 'redirects.origins': origins } }, (stage) => {
  const invalid = { message: 'Invalid origin', code: 'INVALID_ORIGIN' };
  const missing = { message: 'Missing or null Origin', code: 'MISSING_OR_NULL_ORIGIN' };

  /** A request without what a browser would add. */
  const bare = async (path: string, headers: Record<string, string>, body: unknown = {}) => {
    const reply = await rawRequest(stage.world.url, `/better-auth/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.77', ...headers },
      body: JSON.stringify(body),
    });
    return { status: reply.status, body: reply.text === '' ? null : JSON.parse(reply.text) };
  };
  const cookieOf = async () => {
    const { browser } = await stage.member();
    return browser.jar.getCookieString(browser.base);
  };

  test.each([
    ['our own origin', (own: string) => own],
    ['a configured origin', () => 'https://app.example.com'],
    ['a host of a wildcard', () => 'https://acme.tenant.example'],
  ])('with a cookie, %s passes', async (_what, origin) => {
    const cookie = await cookieOf();
    expect((await bare('/update-user', { cookie, origin: origin(stage.world.url) }, { name: 'B' })).status).toBe(200);
  });

  test.each([
    'https://evil.example',
    'https://app.example.com.evil.example',
    'https://sub.app.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com/',
    'https://tenant.example',
    'https://a.b.tenant.example',
    'https://tenant.example.evil.example',
    'https://evil.example?.tenant.example',
    'https://user@app.example.com',
    'myapp:callback',
    'file://',
    'text',
  ])('with a cookie, %s is refused and nothing happens', async (origin) => {
    const cookie = await cookieOf();
    const reply = await bare('/update-user', { cookie, origin }, { name: 'Mallory' });
    expect([reply.status, reply.body]).toEqual([403, invalid]);
    expect((await stage.browser().get('/get-session', { cookie })).body.user.name).toBe('Ada');
  });

  test('no Origin: the Referer counts; neither is refused', async () => {
    const cookie = await cookieOf();
    const from = (referer: string) => bare('/update-user', { cookie, referer }, { name: 'B' });
    expect((await from(`${stage.world.url}/page?x=1`)).status).toBe(200);
    expect((await from('https://evil.example/page')).body).toEqual(invalid);
    expect((await bare('/update-user', { cookie }, { name: 'B' })).body).toEqual(missing);
  });

  test('Origin: null passes only as same-origin', async () => {
    const cookie = await cookieOf();
    const from = (headers: Record<string, string>) =>
      bare('/update-user', { cookie, origin: 'null', ...headers }, { name: 'B' });
    expect((await from({})).body).toEqual(missing);
    expect((await from({ 'sec-fetch-site': 'cross-site' })).body).toEqual(missing);
    expect((await from({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('any cookie at all brings the check, also one that is over', async () => {
    const origin = 'https://evil.example';
    for (const cookie of ['better-auth.session_token=x', 'theme=dark']) {
      expect((await bare('/sign-out', { cookie, origin })).body).toEqual(invalid);
    }
  });

  test('without cookies only sign-in and sign-up look', async () => {
    const origin = 'https://evil.example';
    expect((await bare('/request-password-reset', { origin }, { email: 'a@example.com' })).status).toBe(200);
    expect((await bare('/sign-in/email', { origin }, { email: 'a@example.com', password })).body).toEqual(invalid);
    expect((await bare('/sign-up/email', { origin }, { email: stage.address(), password, name: 'A' })).body).toEqual(
      invalid,
    );
  });

  describe.each(['/sign-in/email', '/sign-up/email'])('%s without cookies', (path) => {
    const body = () => ({ email: 'nobody@example.com', password: 'x', name: 'A' });

    test('a cross-site navigation is blocked', async () => {
      const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
      const reply = await bare(path, { ...headers, origin: stage.world.url }, body());
      expect([reply.status, reply.body]).toEqual([
        403,
        {
          message: 'Cross-site navigation login blocked. This request appears to be a CSRF attack.',
          code: 'CROSS_SITE_NAVIGATION_LOGIN_BLOCKED',
        },
      ]);
    });

    test('a same-origin navigation and a fetch from a trusted origin pass', async () => {
      for (const headers of [
        { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', origin: stage.world.url },
        { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: 'https://app.example.com' },
      ]) {
        expect((await bare(path, headers, body())).status).not.toBe(403);
      }
    });

    test('a browser that hides its origin is refused; without site and origin it is no browser', async () => {
      expect((await bare(path, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, body())).body).toEqual(
        missing,
      );
      expect((await bare(path, {}, body())).status).not.toBe(403);
      expect((await bare(path, { 'sec-fetch-mode': 'cors' }, body())).status).not.toBe(403); // Node's own fetch
    });

    test('a form from elsewhere is refused, one from a trusted origin is read', async () => {
      const send = (origin: string) =>
        rawRequest(stage.world.url, `/better-auth/api/auth${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', origin, 'x-forwarded-for': '198.51.100.78' },
          body: new URLSearchParams(body()).toString(),
        });
      expect((await send('https://evil.example')).status).toBe(403);
      expect((await send('https://app.example.com')).status).not.toBe(403);
    });
  });

  test('reading needs no origin', async () => {
    const cookie = await cookieOf();
    const reply = await stage.browser().get('/get-session', { cookie, origin: 'https://evil.example' });
    expect(reply.body).not.toBeNull();
  });
});

onOneEngine('return addresses (spec §1.9, rule 19)', { policy: { 'redirects.origins': origins } }, (stage) => {
  const told = async (callbackURL: unknown) =>
    (await stage.browser().post('/sign-in/email', { email: 'a@example.com', password, callbackURL })).status;

  test.each([
    '/',
    '/home',
    '/home?a=1&b=%20c',
    '/a+b',
    '/a/@me',
    '/home#part',
    'https://app.example.com',
    'https://app.example.com/deep?x=1',
    'https://acme.tenant.example/x',
    'myapp://callback/in',
    'myapp://callback/in/done?x=1',
    'MYAPP://CALLBACK/in',
    'anyapp://wherever/you/like',
  ])('%s is fine', async (url) => {
    expect(await told(url)).toBe(401);
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/%2Fevil.example',
    '/%2fevil.example',
    '/%5Cevil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' https://app.example.com',
    'https:evil.example',
    'https:///evil.example',
    'home',
    '?x',
    '#x',
    '.',
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com.evil.example',
    'https://app.example.com@evil.example',
    'https://evil.example#@app.example.com',
    'https://evil.example\\.tenant.example',
    'https://evil.example/.tenant.example',
    'https://evil.example?.tenant.example',
    'https://.tenant.example',
    'myapp://other',
    'myapp://callback/other',
    'myapp://callback/in/../out',
    'myapp://callback/inside',
    'otherapp://callback',
    'javascript:alert(1)',
    'javascript://app.example.com/%0aalert(1)',
    'data:text/html,x',
    'blob:https://app.example.com/x',
  ])('%s is refused', async (url) => {
    expect(await told(url)).toBe(403);
  });

  test('what is no text is 400, never 500', async () => {
    for (const value of [1, true, {}, [], ['/home']]) expect(await told(value)).toBe(400);
  });

  test('addresses in a query are looked at too, also twice the same', async () => {
    const path = '/sign-out?callbackURL=https%3A%2F%2Fevil.example';
    expect((await stage.browser().post(path)).body.code).toBe('INVALID_CALLBACK_URL');
    const twice = await stage.browser().get('/verify-email?token=x&callbackURL=/a&callbackURL=https://evil.example');
    expect(twice.status).toBe(400);
  });
});

onOneEngine('browsers on other origins (core map W7)', { policy: { 'redirects.origins': origins } }, (stage) => {
  const ask = (origin: string) =>
    rawRequest(stage.world.url, '/better-auth/api/auth/sign-in/email', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });

  test('a configured origin may call with credentials', async () => {
    const reply = await ask('https://app.example.com');
    expect(reply.status).toBe(204);
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-credentials': 'true',
      vary: 'Origin, Access-Control-Request-Headers',
    });
  });

  test('others are told nothing', async () => {
    const reply = await ask('https://evil.example');
    expect(reply.status).toBe(404);
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    const read = await stage.browser().get('/ok', { origin: 'https://evil.example' });
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
  });
});
