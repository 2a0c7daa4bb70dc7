import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes as betterAuthRoutes } from '../../../src/http/better-auth/routes.ts';
import { createWorld, type World } from '../../kit/world.ts';

describe('HEAD', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ policy: { 'redirects.localhost': true } });
  });
  afterAll(() => world?.close());

  const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${world.url}${path}`, { method, headers, redirect: 'manual' });
    return { status: reply.status, text: await reply.text(), headers: reply.headers };
  };

  test.each([
    '/better-auth/api/auth/ok',
    '/better-auth/api/auth/get-session',
    '/hexclave/api/v1',
    '/hexclave/api/v1/internal/component-versions',
    '/hexclave/health',
    '/axumkit/health-check',
    '/axumkit/swagger.json',
    '/better-auth/openapi.json',
    '/healthz',
    '/',
  ])('%s: what GET answers, without a body', async (path) => {
    const read = await ask('GET', path);
    const head = await ask('HEAD', path);
    expect([head.status, head.text]).toEqual([read.status, '']);
    expect(head.headers.get('content-type')).toBe(read.headers.get('content-type'));
    expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(read.text)));
  });

  test('asks who may read as GET does', async () => {
    const path = '/hexclave/api/v1/users';
    const read = await ask('GET', path);
    const head = await ask('HEAD', path);
    expect([head.status, head.headers.get('x-hexclave-known-error')]).toEqual([400, 'ACCESS_TYPE_REQUIRED']);
    expect(read.status).toBe(400);
  });

  test('of a mailed link does not follow it', async () => {
    const browser = world.browser();
    const email = 'ada@example.com';
    await browser.post('/sign-up/email', { email, password: 'correct horse', name: 'Ada' });
    await browser.post('/send-verification-email', { email, callbackURL: '/' });
    const [link] = (await world.mail(email)).links;
    const looked = await fetch(link!, { method: 'HEAD', redirect: 'manual' });
    expect(looked.status).toBe(200);
    expect((await browser.get('/get-session')).body.user.emailVerified).toBe(false);
  });

  test('reaches no GET that begins or ends a flow or a ceremony', async () => {
    const names = /^\/(?:callback|one-time-token|passkey\/generate|token$)/;
    const paths = betterAuthRoutes.filter(({ method, path }) => method === 'GET' && names.test(path));
    expect(paths.length).toBeGreaterThan(2);
    for (const { path } of paths) {
      const { status } = await ask('HEAD', `/better-auth/api/auth${path.replaceAll(/:\w+/g, 'x')}`);
      expect([path, status]).toEqual([path, 404]);
    }
    expect((await ask('HEAD', '/hexclave/api/v1/auth/oauth/callback/github?code=x&state=x')).status).toBe(405);
  });
});
