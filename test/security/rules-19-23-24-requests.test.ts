import { describe, expect, test } from 'vitest';
import { allRoutes as routes } from '../../src/http/better-auth/routes.ts';
import { snapshot } from '../kit/snapshot.ts';
import { type Member, onEveryEngine, password } from '../kit/stage.ts';
import { everyPlugin } from '../kit/test-config.ts';

const hostile = [
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '\\/evil.example',
  '/%2F/evil.example',
  '/%5cevil.example',
  'https:/\\evil.example',
  'http://127.0.0.1@evil.example',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '/\u0000',
  '/\r\nset-cookie: a=b',
  '/\u2028x',
  'evil.example',
  'https://evil.example/.well-known',
  '/x\u202e',
  '/%2f%2fevil.example',
  '/./\u002fevil.example',
  '/x/..//evil.example',
  '/\t/evil.example',
  'ht\ttps://evil.example',
  ' https://evil.example',
  'https:evil.example',
  'https:///evil.example',
  'https://еvil.example',
  'https://127.0.0.1。evil.example',
  'https://evil.example#@127.0.0.1',
  'JavaScript://%0aalert(1)',
];

onEveryEngine('rule 19: places to go back to', { policy: { 'users.selfDeletion': true } }, (stage) => {
  const posts: readonly [path: string, field: string, body: Record<string, unknown>][] = [
    ['/sign-up/email', 'callbackURL', { email: 'a@example.com', password, name: 'A' }],
    ['/sign-in/email', 'callbackURL', { email: 'a@example.com', password }],
    ['/sign-in/username', 'callbackURL', { username: 'someone', password }],
    ['/sign-in/social', 'callbackURL', { provider: 'x' }],
    ['/sign-in/social', 'errorCallbackURL', { provider: 'x' }],
    ['/sign-in/social', 'newUserCallbackURL', { provider: 'x' }],
    ['/link-social', 'callbackURL', { provider: 'x' }],
    ['/link-social', 'errorCallbackURL', { provider: 'x' }],
    ['/request-password-reset', 'redirectTo', { email: 'a@example.com' }],
    ['/forget-password', 'redirectTo', { email: 'a@example.com' }],
    ['/send-verification-email', 'callbackURL', { email: 'a@example.com' }],
    ['/change-email', 'callbackURL', { newEmail: 'b@example.com' }],
    ['/delete-user', 'callbackURL', { password: 'wrong one' }],
    ['/sign-out', 'callbackURL', {}],
    ['/sign-in/magic-link', 'callbackURL', { email: 'a@example.com' }],
    ['/sign-in/magic-link', 'newUserCallbackURL', { email: 'a@example.com' }],
    ['/sign-in/magic-link', 'errorCallbackURL', { email: 'a@example.com' }],
    ['/magic-link/verify', 'callbackURL', { token: 'x' }],
    ['/magic-link/verify', 'newUserCallbackURL', { token: 'x' }],
    ['/magic-link/verify', 'errorCallbackURL', { token: 'x' }],
    ['/verify-email', 'callbackURL', { token: 'x' }],
    ['/delete-user/callback', 'callbackURL', { token: 'x' }],
    ['/new-link', 'callbackURL', { token: 'x' }],
    ['/new-link', 'newUserCallbackURL', { token: 'x' }],
    ['/new-link', 'errorCallbackURL', { token: 'x' }],
  ];

  test.each(posts)('POST %s %s', async (path, field, body) => {
    for (const url of hostile) {
      const reply = await stage.browser().post(path, { ...body, [field]: url });
      expect([url, reply.status, reply.body.code.startsWith('INVALID_')]).toEqual([url, 403, true]);
    }
  });

  test.each([
    ['/verify-email?token=x', 'callbackURL'],
    ['/reset-password/x?a=1', 'callbackURL'],
    ['/delete-user/callback?token=x', 'callbackURL'],
    ['/magic-link/verify?token=x', 'callbackURL'],
    ['/magic-link/verify?token=x', 'newUserCallbackURL'],
    ['/magic-link/verify?token=x', 'errorCallbackURL'],
  ])('GET %s %s', async (path, field) => {
    for (const url of hostile) {
      const reply = await stage.browser().get(`${path}&${field}=${encodeURIComponent(url)}`);
      expect([url, reply.status, reply.headers.get('location')]).toEqual([url, 403, null]);
    }
  });
});

onEveryEngine(
  'rule 23: writes of a browser come from our pages',
  { policy: { 'users.selfDeletion': true }, betterAuth: everyPlugin },
  (stage) => {
    let member: Member | undefined;
    // What is for servers alone is there for no browser.
    const writes = routes.filter(
      ({ method, path, needs }) => method !== 'GET' && !path.startsWith('/callback/') && needs !== 'server',
    );

    test.each(writes.map(({ method, path }) => [method, path] as const))('%s %s', async (method, path) => {
      member ??= await stage.member(); // one for all: nothing may happen to them
      const { browser } = member;
      for (const origin of ['https://evil.example', 'null']) {
        const reply = await browser.send(method, path.replaceAll(/:\w+/g, 'x'), {}, { origin });
        expect([origin, reply.status, reply.body?.code]).toEqual([
          origin,
          403,
          origin === 'null' ? 'MISSING_OR_NULL_ORIGIN' : 'INVALID_ORIGIN',
        ]);
      }
    });

    /** Mail links and callbacks change state by GET because they must; passkey options and one-time tokens are made. */
    const byNature =
      /^\/(?:verify-email|reset-password|delete-user\/callback|callback|passkey\/generate-|one-time-token\/generate)/;

    test('reading changes nothing', async () => {
      const { browser } = await stage.member();
      await browser.get('/jwks'); // the first keys are made when somebody first asks for them
      const before = await snapshot(stage.world.database!);
      for (const { method, path } of routes) {
        if (method === 'GET' && !byNature.test(path)) await browser.get(path.replaceAll(/:\w+/g, 'x'));
      }
      expect(await snapshot(stage.world.database!)).toEqual(before);
    });

    test('the reset page takes a form of our own pages only, and its GET spends nothing', async () => {
      const { email } = await stage.member();
      await stage.browser().post('/request-password-reset', { email });
      const token = await stage.mailedToken(email);
      const page = `${stage.world.url}/-/reset-password`;
      expect((await stage.browser().get(`${page}?token=${token}`)).status).toBe(200);
      const body = new URLSearchParams({ token, password: 'a third one, long', again: 'a third one, long' }).toString();
      const send = (origin: string) =>
        stage.browser().send('POST', page, body, { 'content-type': 'application/x-www-form-urlencoded', origin });
      expect((await send('https://evil.example')).status).toBe(403);
      expect((await send(stage.world.url)).status).toBe(200);
      expect((await send(stage.world.url)).status).toBe(400); // once
    });
  },
);

onEveryEngine('rule 24: cookies and headers over https', { http: { publicUrl: 'https://id.example.com' } }, (stage) => {
  const headers = { origin: 'https://id.example.com' };

  test('every cookie is HttpOnly, Secure, SameSite=Lax, host-only, with path /', async () => {
    const browser = stage.browser(headers);
    const email = stage.address();
    const lines = [
      ...(await browser.post('/sign-up/email', { email, password, name: 'A', rememberMe: false })).setCookies,
      ...(await browser.post('/sign-in/email', { email, password })).setCookies,
      ...(await browser.post('/sign-out')).setCookies,
    ];
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      expect(line).toMatch(
        /^__Secure-better-auth\.\w+=[^;]*(?:; Max-Age=\d+)?; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      );
    }
  });

  test('the name without its prefix is another cookie', async () => {
    const reply = await stage.browser(headers).post('/sign-up/email', { email: stage.address(), password, name: 'A' });
    const value = /^[^=]+=([^;]+)/.exec(reply.setCookies[0]!)![1]!;
    expect((await stage.browser().get('/get-session', { cookie: `better-auth.session_token=${value}` })).text).toBe(
      'null',
    );
    expect(
      (await stage.browser().get('/get-session', { cookie: `__Secure-better-auth.session_token=${value}` })).body,
    ).not.toBeNull();
  });

  test.each([
    '/better-auth/api/auth/ok',
    '/better-auth/api/auth/nothing',
    '/',
    '/-/reset-password?token=x',
    '/nothing',
    '/better-auth/api/auth/error',
  ])('%s: HSTS, nosniff, no referrer', async (path) => {
    const reply = await stage.browser().get(`${stage.world.url}${path}`);
    expect(reply.headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/);
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    expect(reply.headers.get('referrer-policy')).toBe('no-referrer');
    expect(reply.headers.get('x-powered-by')).toBeNull();
    expect(reply.headers.get('server')).toBeNull();
  });

  test.each(['/', '/-/reset-password?token=x', '/-/error?error=x', '/nothing', '/better-auth/api/auth/error', '/docs'])(
    'page %s: a policy with a nonce of its own, framed by nobody',
    async (path) => {
      const policies = await Promise.all(
        [1, 2].map(
          async () => (await stage.browser().get(`${stage.world.url}${path}`)).headers.get('content-security-policy')!,
        ),
      );
      expect(policies[0]).toContain("default-src 'none'");
      expect(policies[0]).toContain("frame-ancestors 'none'");
      expect(policies[0]).not.toContain('unsafe');
      expect(policies[0]).not.toBe(policies[1]);
    },
  );
});

describe('rule 24 over http', () => {
  onEveryEngine('development', {}, (stage) => {
    test('no HSTS, no Secure: a browser would drop the cookie', async () => {
      const reply = await stage.browser().post('/sign-up/email', { email: stage.address(), password, name: 'A' });
      expect(reply.headers.get('strict-transport-security')).toBeNull();
      expect(reply.setCookies[0]).not.toContain('Secure');
    });
  });
});
