import { describe, expect, test } from 'vitest';
import { axumKitOnOneEngine, expectError, expectStatus, password } from '../../kit/axumkit.ts';
import { rawRequest } from '../../kit/stage.ts';

axumKitOnOneEngine('the protocol (spec §1)', {}, (kit) => {
  describe('paths and methods (§1.1)', () => {
    test('the health check answers 204, also to HEAD', async () => {
      const reply = await kit.browser().get('/health-check');
      expectStatus(reply, 204);
      expect(reply.text).toBe('');
      expectStatus(await kit.browser().send('HEAD', '/health-check'), 204);
    });

    test('unknown paths are system:not_found, and a trailing slash makes one', async () => {
      for (const path of ['/v0', '/v1/users', '/v0/auth/login/', '/health-check/', '/v0/user/me/x', '/V0/users']) {
        expectError(await kit.browser().post(path, {}), 404, 'system:not_found');
      }
      const reply = await kit.browser().get('/v0/nothing?a=1');
      expect(reply.body.details).toBe('Path /axumkit/v0/nothing with method GET not found');
    });

    test('a known path with another method is 405, empty, and says which it takes', async () => {
      const rows: readonly [string, string, string][] = [
        ['GET', '/v0/auth/login', 'POST'],
        ['DELETE', '/v0/user/me', 'GET,HEAD,PATCH'],
        ['POST', '/v0/users/profile', 'GET,HEAD'],
        ['PUT', '/v0/users/handle/somebody/available', 'GET,HEAD'],
        ['POST', '/health-check', 'GET,HEAD'],
      ];
      for (const [method, path, allow] of rows) {
        const reply = await kit.browser().send(method, path);
        expect([reply.status, reply.text]).toEqual([405, '']);
        for (const one of allow.split(',')) expect(reply.headers.get('allow')!.split(',')).toContain(one);
      }
    });

    test('HEAD works wherever GET does', async () => {
      const { browser, handle } = await kit.resident();
      for (const path of ['/v0/user/me', `/v0/users/profile?handle=${handle}`]) {
        const reply = await browser.send('HEAD', path);
        expect([reply.status, reply.text]).toEqual([200, '']);
      }
      expectStatus(await kit.browser().send('HEAD', '/v0/user/me'), 401);
    });
  });

  describe('bodies (§1.1, §1.6)', () => {
    const body = JSON.stringify({ email: 'nobody@example.com' });
    const send = (type: string | null, text: string) =>
      rawRequest(kit.world.url, '/axumkit/v0/auth/forgot-password', {
        method: 'POST',
        headers: { ...kit.browser().headers, ...(type !== null && { 'content-type': type }) },
        body: text,
      });

    test('JSON by any of its names', async () => {
      for (const type of [
        'application/json',
        'application/json; charset=utf-8',
        'application/vnd.api+json',
        'APPLICATION/JSON',
      ]) {
        expect((await send(type, body)).status).toBe(204);
      }
    });

    test('every other type, and none, is general:bad_request and not 415', async () => {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'text/json',
        'json',
        null,
      ]) {
        const reply = await send(type, body);
        expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'general:bad_request']);
      }
    });

    test('no JSON, no body, no object, bad UTF-8 and U+0000 are general:bad_request', async () => {
      for (const text of [
        '',
        '{',
        '[]',
        'null',
        '5',
        '"x"',
        '{"email":"a@b.c"}}',
        '{"email":"a\\u0000@example.com"}',
      ]) {
        const reply = await send('application/json', text);
        expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'general:bad_request']);
      }
      const bytes = await fetch(`${kit.url}/v0/auth/forgot-password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from('{"email":"\xff@example.com"}', 'latin1'),
      });
      expect(bytes.status).toBe(400);
    });

    test('a body over the limit is general:bad_request', async () => {
      const reply = await kit.browser().post('/v0/auth/forgot-password', { email: 'a'.repeat(1_100_000) });
      expectError(reply, 400, 'general:bad_request');
    });

    test('operations that take no body ignore what is sent', async () => {
      const { browser } = await kit.resident();
      const odd = await browser.send('POST', '/v0/auth/totp/setup', '{not json', { 'content-type': 'text/strange' });
      expectStatus(odd, 200);
      expectStatus(await browser.send('POST', '/v0/auth/logout', 'x=y', { 'content-type': 'text/plain' }), 204);
    });

    test('a repeated scalar in the query is general:bad_request, unknown keys are ignored', async () => {
      const { handle } = await kit.resident();
      expectStatus(await kit.browser().get(`/v0/users/profile?handle=${handle}&other=1&other=2`), 200);
      expectError(
        await kit.browser().get(`/v0/users/profile?handle=${handle}&handle=${handle}`),
        400,
        'general:bad_request',
      );
    });

    test('errors are JSON without a charset, and never repeat what was sent', async () => {
      const secret = 'hunter2-hunter2-hunter2-hunter2';
      const reply = await kit
        .browser()
        .post('/v0/auth/reset-password', { token: 't', new_password: secret.slice(0, 3) });
      expect(reply.headers.get('content-type')).toBe('application/json');
      const wrong = await kit.browser().post('/v0/auth/login', { email: 'a@example.com', password: [secret] });
      expectError(wrong, 400, 'general:bad_request');
      expect(wrong.text).not.toContain('hunter2');
    });

    test('details name the field and its rule, a line each', async () => {
      const reply = await kit.browser().post('/v0/users', {
        email: 'nobody',
        handle: 'x',
        display_name: 'Ada',
        password,
      });
      expect(reply.body.details.split('\n').sort()).toEqual([
        'email: Invalid email format.',
        'handle: Handle must be between 3 and 20 characters.',
      ]);
      const missing = await kit.browser().post('/v0/auth/login', { email: 'a@example.com' });
      expect(missing.body.details).toContain('missing field `password`');
    });
  });

  describe('the anonymous browser (§1.2)', () => {
    test('every answer gives one to whoever has none: errors and unknown paths too', async () => {
      for (const path of ['/health-check', '/v0/nowhere', '/v0/user/me', '/v0/users/profile']) {
        const { setCookies } = await kit.browser().get(path);
        expect(setCookies).toHaveLength(1);
        expect(setCookies[0]).toMatch(
          /^anonymous_user_id=[0-9a-z]{45}; HttpOnly; SameSite=Lax; Secure; Path=\/; Max-Age=31536000$/,
        );
      }
    });

    test('whatever is shown is kept', async () => {
      const browser = kit.browser();
      await browser.get('/health-check');
      expect((await browser.get('/health-check')).setCookies).toEqual([]);
      const own = kit.browser({ cookie: 'anonymous_user_id=0190a0a0-0000-7000-8000-000000000000' });
      expect((await own.get('/v0/nowhere')).setCookies).toEqual([]);
    });
  });

  describe('request ids and CORS (§1.1, §1.4)', () => {
    test('the client’s id comes back, else the server’s', async () => {
      const own = await kit.browser().get('/health-check', { 'x-request-id': 'my-id-1' });
      expect(own.headers.get('x-request-id')).toBe('my-id-1');
      expect((await kit.browser().get('/v0/nowhere')).headers.get('x-request-id')).toMatch(/^\S+$/);
    });

    test('credentials are named on every answer, the origin only when it is trusted', async () => {
      for (const path of ['/health-check', '/v0/nowhere', '/v0/user/me']) {
        const own = await kit.browser().get(path);
        expect(own.headers.get('access-control-allow-credentials')).toBe('true');
        expect(own.headers.get('access-control-allow-origin')).toBe(kit.world.url);
        expect(own.headers.get('vary')).toBe('origin, access-control-request-method, access-control-request-headers');
        const foreign = await kit.browser().get(path, { origin: 'https://evil.example' });
        expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
      }
    });

    test('any OPTIONS on any path is a preflight, without a cookie', async () => {
      for (const path of ['/v0/user/me', '/v0/nowhere', '/health-check']) {
        const reply = await kit.browser().send('OPTIONS', path, undefined, { 'x-request-id': 'my-id-2' });
        expect(reply.headers.get('x-request-id')).toBe('my-id-2');
        expect([reply.status, reply.text]).toEqual([200, '']);
        expect(reply.headers.get('access-control-allow-methods')).toBe('GET,POST,PUT,DELETE,OPTIONS,PATCH');
        expect(reply.headers.get('access-control-max-age')).toBe('300');
        expect(reply.headers.get('access-control-allow-headers')).toContain('content-type');
        expect(reply.setCookies).toEqual([]);
      }
    });
  });

  describe('writes of a browser on another site (rule 23, core map W6)', () => {
    test('are FORBIDDEN when cookies come with them; programs without an origin are let pass', async () => {
      const { browser, email } = await kit.resident();
      const forged = await browser.send('PATCH', '/v0/user/me', { bio: 'x' }, { origin: 'https://evil.example' });
      expectError(forged, 403, 'FORBIDDEN');
      expectError(await browser.send('POST', '/v0/auth/logout', undefined, { origin: 'null' }), 403, 'FORBIDDEN');
      expect((await browser.get('/v0/user/me')).body).not.toHaveProperty('bio');
      const login = await fetch(`${kit.url}/v0/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      });
      expect(login.status).toBe(204);
    });
  });

  describe('the document (§2.1)', () => {
    test('names both cookies, the bearer token and every seed operation, in development', async () => {
      const reply = await kit.browser().get('/swagger.json');
      expectStatus(reply, 200);
      expect(reply.body.openapi).toBe('3.1.0');
      expect(Object.keys(reply.body.components.securitySchemes).sort()).toEqual([
        'anonymous_id_cookie',
        'bearer_token',
        'session_id_cookie',
      ]);
      const docs = await kit.browser().get('/docs');
      expect([docs.status, docs.headers.get('location')]).toEqual([303, `${kit.world.url}/docs`]);
      const page = await fetch(`${kit.world.url}/docs/list`);
      expect(await page.text()).toContain('/v0/auth/totp/verify');
    });
  });
});

axumKitOnOneEngine('in production (spec §1.6, §2.1)', { development: false }, (kit) => {
  test('errors carry no details', async () => {
    const replies = [
      await kit.browser().get('/v0/nowhere'),
      await kit.browser().post('/v0/auth/login', { email: 'x' }),
      await kit.browser().post('/v0/auth/login', '{'),
      await kit.browser().post('/v0/users', { email: 'x', handle: 'x', display_name: '', password: '' }),
    ];
    for (const reply of replies) expect(Object.keys(reply.body)).toEqual(['status', 'code']);
  });

  test('the document and its page are unknown paths', async () => {
    expectError(await kit.browser().get('/swagger.json'), 404, 'system:not_found');
    expectError(await kit.browser().get('/docs'), 404, 'system:not_found');
  });
});

axumKitOnOneEngine(
  'axumkit.originCheck off, and a cookie domain',
  { axumkit: { originCheck: false, cookieDomain: 'example.com' } },
  (kit) => {
    test('leaves protection to SameSite, as upstream does', async () => {
      const sent = { email: kit.address(), handle: kit.handle(), display_name: 'Ada', password };
      await kit.browser().post('/v0/users', sent);
      const reply = await kit.browser().post('/v0/auth/login', sent, { origin: 'https://evil.example' });
      expectStatus(reply, 204);
      expect(reply.setCookies[0]).toMatch(/; Path=\/; Domain=example\.com$/);
      expect(reply.setCookies[1]).toMatch(/; Path=\/; Domain=example\.com; Max-Age=31536000$/);
    });
  },
);

axumKitOnOneEngine(
  'the root of the server',
  { mounts: { axumkit: { kind: 'path', prefix: '/', project: 'default' } }, contract: false },
  (kit) => {
    test('has the API beside the server’s own pages', async () => {
      const get = (path: string) => fetch(`${kit.world.url}${path}`);
      expect((await get('/health-check')).status).toBe(204);
      expect((await get('/v0/user/me')).status).toBe(401);
      expect((await get('/swagger.json')).status).toBe(200);
      expect(await (await get('/docs')).text()).toContain('<html');
      expect((await get('/healthz')).status).toBe(200);
      const wrong = await fetch(`${kit.world.url}/v0/auth/login`);
      expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    });
  },
);

axumKitOnOneEngine(
  'a host of its own',
  {
    mounts: { axumkit: { kind: 'host', origin: 'http://axum.example', project: 'default' } },
    contract: false,
  },
  (kit) => {
    test('has the API at its root, and its 404 everywhere else', async () => {
      const get = (path: string) => rawRequest(kit.world.url, path, { headers: { host: 'axum.example' } });
      expect((await get('/health-check')).status).toBe(204);
      expect(JSON.parse((await get('/nowhere')).text)).toMatchObject({ status: 404, code: 'system:not_found' });
      expect((await rawRequest(kit.world.url, '/v0/user/me')).status).toBe(404);
    });
  },
);
