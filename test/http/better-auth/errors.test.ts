import { describe, expect, test } from 'vitest';
import { routes } from '../../../src/http/better-auth/routes.ts';
import { onOneEngine, password, rawRequest } from '../../kit/stage.ts';

const base = '/better-auth/api/auth';

onOneEngine('errors (spec §1.1, §1.2)', { http: { bodyLimitBytes: 10_000 } }, (stage) => {
  const raw = (target: string, options?: Parameters<typeof rawRequest>[2]) =>
    rawRequest(stage.world.url, target, options);
  const posted = (path: string, type: string | null, body: string) =>
    raw(`${base}${path}`, { method: 'POST', headers: { ...(type !== null && { 'content-type': type }) }, body });

  describe('404 with nothing in it', () => {
    test.each([
      ['GET', '/nothing'],
      ['GET', ''],
      ['GET', '/'],
      ['GET', '/sign-in/email'],
      ['PUT', '/sign-in/email'],
      ['POST', '/ok'],
      ['HEAD', '/sign-in/email'],
      ['OPTIONS', '/ok'],
      ['GET', '/ok/'],
      ['GET', '//ok'],
      ['GET', '/OK'],
      ['GET', '/%2Fok'],
      ['GET', '/ok%2F'],
      ['GET', '/ok%00'],
      ['GET', '/x/../ok'],
      ['POST', '/set-password'],
      ['POST', '/two-factor/view-backup-codes'],
      ['POST', '/two-factor/generate-totp'],
    ])('%s %s', async (method, path) => {
      const reply = await raw(`${base}${path}`, { method });
      expect([reply.status, reply.text]).toEqual([404, '']);
      expect(reply.headers['content-type']).toBeUndefined();
    });

    test('a target that is no path', async () => {
      for (const target of [`http://evil.example${base}/nothing`, `${base}/%`, `${base}/%c3%28`]) {
        expect([400, 404]).toContain((await raw(target)).status);
      }
    });
  });

  describe('content types', () => {
    const body = JSON.stringify({ email: 'a@example.com', password });

    test('JSON only: 415 names what was sent and what is taken', async () => {
      const reply = await posted('/request-password-reset', 'text/plain', body);
      expect([reply.status, JSON.parse(reply.text)]).toEqual([
        415,
        {
          message: 'Content-Type "text/plain" is not allowed. Allowed types: application/json',
          code: 'UNSUPPORTED_MEDIA_TYPE',
        },
      ]);
    });

    test('sign-in and sign-up also take forms, and say so', async () => {
      for (const path of ['/sign-in/email', '/sign-up/email']) {
        const reply = await posted(path, 'multipart/form-data; boundary=x', body);
        expect(reply.status).toBe(415);
        expect(JSON.parse(reply.text).message).toContain(
          'Allowed types: application/x-www-form-urlencoded, application/json',
        );
      }
    });

    test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json ;charset=UTF-8'])(
      '%s is JSON',
      async (type) => {
        expect((await posted('/sign-in/email', type, body)).status).toBe(401);
      },
    );

    test.each([
      'application/json-patch+json',
      'application/jsonx',
      'text/json',
      'json',
      ',application/json',
      'application/x-www-form-urlencoded',
    ])('%s is not', async (type) => {
      expect((await posted('/request-password-reset', type, body)).status).toBe(415);
    });

    test('no type at all, with a body: not read as anything', async () => {
      expect([400, 415]).toContain((await posted('/sign-in/email', null, body)).status);
    });

    test('no body is fine where it is optional', async () => {
      for (const headers of [{}, { 'content-type': 'application/json' }] as Record<string, string>[]) {
        expect((await raw(`${base}/sign-out`, { method: 'POST', headers })).text).toBe('{"success":true}');
      }
    });
  });

  test.each(['{', '{"a":1', '[1', 'nul', '"', '{"email":"a@example.com",}', '\u0000', 'x=1'])(
    'malformed JSON: %j',
    async (body) => {
      const reply = await posted('/sign-in/email', 'application/json', body);
      expect([reply.status, JSON.parse(reply.text)]).toEqual([
        400,
        { message: 'Invalid JSON in request body', code: 'BAD_REQUEST' },
      ]);
    },
  );

  test('__proto__ and constructor.prototype are refused as malformed', async () => {
    for (const body of [
      '{"__proto__":{"role":"admin"},"email":"a@example.com","password":"x"}',
      '{"constructor":{"prototype":{"x":1}}}',
    ]) {
      const reply = await posted('/sign-in/email', 'application/json', body);
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'BAD_REQUEST']);
    }
  });

  test('U+0000 in any text is a validation error, at any depth', async () => {
    for (const body of [{ email: 'a\0', password }, { email: 'a', password, x: [{ y: '\0' }] }, { 'x\0': 1 }]) {
      const reply = await stage.browser().post('/sign-in/email', body);
      expect([reply.status, reply.body.code]).toEqual([400, 'VALIDATION_ERROR']);
    }
    expect((await stage.browser().get('/verify-email?token=a%00')).body.code).toBe('VALIDATION_ERROR');
    expect((await stage.browser().get('/reset-password/a%00b?callbackURL=/x')).body.code).toBe('VALIDATION_ERROR');
    const deep = `{"email":"a","password":${'['.repeat(4_000)}${']'.repeat(4_000)}}`;
    expect((await stage.browser().send('POST', '/sign-in/email', deep)).status).toBe(400);
  });

  test('a body over the limit is 413, in the shape of every error', async () => {
    const reply = await posted(
      '/sign-in/email',
      'application/json',
      JSON.stringify({ email: 'x'.repeat(20_000), password }),
    );
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.text)).toEqual({ message: expect.any(String), code: 'PAYLOAD_TOO_LARGE' });
  });

  test('validation names every field, and unions as one (§1.2)', async () => {
    const reply = await stage.browser().post('/sign-in/email', { password: 5 });
    expect([reply.status, reply.body]).toEqual([
      400,
      {
        message:
          '[body.email] Invalid input: expected string, received undefined; [body.password] Invalid input: expected string, received number',
        code: 'VALIDATION_ERROR',
      },
    ]);
    const query = await stage.browser().get('/delete-user/callback');
    expect(query.body.message).toBe('[query.token] Invalid input: expected string, received undefined');
  });

  test('nobody signed in: one 401 for every operation that needs somebody', async () => {
    const bodies: Record<string, unknown> = {
      '/revoke-session': { token: 'x' },
      '/verify-password': { password },
      '/change-email': { newEmail: 'a@example.com' },
      '/change-password': { currentPassword: password, newPassword: password },
      '/update-user': { name: 'x' },
      '/unlink-account': { accountId: 'x' },
      '/link-social': { provider: 'github' },
      '/get-access-token': { accountId: 'x' },
      '/refresh-token': { accountId: 'x' },
      '/revoke-sessions': {},
      '/revoke-other-sessions': {},
    };
    for (const [path, body] of Object.entries(bodies)) {
      const reply = await stage.browser().post(path, body);
      expect([path, reply.status, reply.body]).toEqual([path, 401, { message: 'Unauthorized', code: 'UNAUTHORIZED' }]);
    }
    for (const path of ['/list-sessions', '/list-accounts', '/account-info?accountId=x']) {
      expect((await stage.browser().get(path)).status).toBe(401);
    }
  });

  describe('GET /error', () => {
    test('is a page that shows the code', async () => {
      const reply = await stage.browser().get('/error?error=INVALID_TOKEN&error_description=x');
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(reply.text).toContain('INVALID_TOKEN');
    });

    test.each(['<script>alert(1)</script>', '"onload="x', 'a b', '%3Cb%3E', 'x'.repeat(500), ''])(
      '%j is UNKNOWN',
      async (code) => {
        const reply = await stage.browser().get(`/error?error=${encodeURIComponent(code)}`);
        expect(reply.status).toBe(200);
        expect(reply.text).toContain('UNKNOWN');
        expect(reply.text).not.toContain('alert(1)');
      },
    );
  });

  test('every error has message and code, also where no schema of ours is met', async () => {
    for (const { method, path } of routes) {
      const reply = await stage.browser().send(method, path.replace(/:\w+/, 'x'), method === 'GET' ? undefined : '[]');
      if (reply.status < 400 || reply.text === '' || path === '/second-factor') continue; // a page
      expect([path, reply.body]).toEqual([
        path,
        expect.objectContaining({ message: expect.any(String), code: expect.any(String) }),
      ]);
    }
  });
});

onOneEngine(
  'codes of the 1.2 era (spec §1.14)',
  {
    betterAuth: { errorCodes: 'derived' },
    policy: { 'emails.changeEnabled': false, 'users.selfDeletion': true },
  },
  (stage) => {
    test.each([
      ['callbackURL', 'INVALID_CALLBACKURL'],
      ['redirectTo', 'INVALID_REDIRECTURL'],
      ['errorCallbackURL', 'INVALID_ERRORCALLBACKURL'],
      ['newUserCallbackURL', 'INVALID_NEWUSERCALLBACKURL'],
    ])('%s: %s', async (field, code) => {
      const reply = await stage.browser().post('/sign-in/social', { provider: 'x', [field]: 'https://evil.example' });
      expect(reply.body.code).toBe(code);
    });

    test('usernames, sign-up, accounts, freshness, change of e-mail', async () => {
      const { browser, email } = await stage.member();
      const code = async (path: string, body: unknown, who = stage.browser()) => (await who.post(path, body)).body.code;
      expect(await code('/sign-in/username', { username: 'ab', password })).toBe('USERNAME_IS_TOO_SHORT');
      expect(await code('/sign-in/username', { username: 'a'.repeat(31), password })).toBe('USERNAME_IS_TOO_LONG');
      expect(await code('/sign-in/username', { username: 'a b c', password })).toBe('USERNAME_IS_INVALID');
      expect(await code('/sign-up/email', { email, password, name: 'A' })).toBe('USER_ALREADY_EXISTS');
      expect(await code('/unlink-account', { providerId: 'credential' }, browser)).toBe(
        'YOU_CANT_UNLINK_YOUR_LAST_ACCOUNT',
      );
      expect(await code('/change-email', { newEmail: 'b@example.com' }, browser)).toBe('CHANGE_EMAIL_IS_DISABLED');
      stage.world.clock.advance(86_400_000);
      expect((await browser.get('/list-sessions')).body.code).toBe('SESSION_IS_NOT_FRESH');
      expect(await code('/delete-user', {}, browser)).toBe('SESSION_EXPIRED_REAUTHENTICATE_TO_PERFORM_THIS_ACTION');
    });

    test('verify-email redirects with the old words', async () => {
      const { email } = await stage.member();
      const link = (await stage.world.mail(email)).links[0]!;
      stage.world.clock.advance(3_600_000);
      expect((await stage.browser().get(link)).headers.get('location')).toBe(`${stage.world.url}/?error=token_expired`);
      const unknown = await stage.browser().get(`/verify-email?token=${'0'.repeat(45)}&callbackURL=/x`);
      expect(unknown.headers.get('location')).toBe(`${stage.world.url}/x?error=invalid_token`);
    });

    test('a callback with a foreign state says please_restart_the_process', async () => {
      const reply = await stage.browser().get(`/callback/github?code=x&state=${'0'.repeat(45)}`);
      expect(reply.headers.get('location')).toMatch(/error=please_restart_the_process$/);
    });
  },
);
