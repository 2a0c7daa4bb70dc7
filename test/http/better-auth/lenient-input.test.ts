import { expect, test } from 'vitest';
import { organizations, refusal } from '../../kit/organization.ts';
import { onOneEngine, rawRequest } from '../../kit/stage.ts';

const app = 'https://app.example.com';
const options = { betterAuth: { apiKeyMetadata: true }, policy: { 'redirects.origins': [app] } };

onOneEngine('What servers of both eras accept', options, (stage) => {
  const org = organizations(stage);

  test('flags of get-session are text', async () => {
    const { browser, email } = await stage.member();
    for (const value of ['maybe', 'true', 'false', '1', '']) {
      const reply = await browser.get(`/get-session?disableCookieCache=${value}&disableRefresh=${value}`);
      expect([value, reply.status, reply.body.user.email]).toEqual([value, 200, email]);
    }
  });

  test('an empty body is none, whatever its type says; anything else of that type is refused', async () => {
    const send = async (text: string) => {
      const { browser } = await stage.member();
      const cookie = await browser.jar.getCookieString(browser.base);
      const headers = { cookie, origin: stage.world.url, 'content-type': 'text/plain;charset=UTF-8' };
      const sent = { method: 'POST', headers: { ...headers, 'content-length': String(text.length) }, body: text };
      const { status } = await rawRequest(stage.world.url, '/better-auth/api/auth/sign-out', sent);
      return [status, (await browser.get('/get-session')).body];
    };
    expect(await send('')).toEqual([200, null]);
    expect(await send('x')).toEqual([415, expect.objectContaining({})]);
  });

  test('an API key without a name, and with a list as metadata', async () => {
    const { browser } = await stage.member();
    const { status, body } = await browser.post('/api-key/create', { name: '', metadata: ['a', { b: 1 }] });
    expect([status, body.name, body.metadata]).toEqual([200, null, ['a', { b: 1 }]]);
    const updated = await browser.post('/api-key/update', { keyId: body.id, name: '', metadata: [] });
    expect([updated.status, updated.body.metadata]).toEqual([200, []]);
    expect((await browser.post('/api-key/create', { metadata: 'text' })).status).toBe(400);
  });

  test('an organization that is not there cannot be told from one of others', async () => {
    const [mine, theirs] = [await org.found(), await org.found()];
    const { browser } = mine.owner;
    for (const organizationId of [theirs.id, 'nowhere']) {
      await browser.post('/organization/set-active', { organizationId: mine.id });
      const reply = await browser.post('/organization/set-active', { organizationId });
      expect(refusal(reply)).toEqual([403, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION']);
      expect((await org.active(browser)).organization).toBeNull();
    }
  });
});

onOneEngine(
  'Refusals that pages of other origins may read',
  { ...options, http: { limits: true }, development: false },
  (stage) => {
    test('an unknown path', async () => {
      const reply = await stage.browser({ origin: app }).get('/no/such/path');
      expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([404, app]);
      expect(reply.headers.get('access-control-allow-credentials')).toBe('true');
      const stranger = await stage.browser({ origin: 'https://evil.example' }).get('/no/such/path');
      expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    });

    test('too many requests, with the time to wait', async () => {
      const browser = stage.browser({ origin: app });
      let reply = await browser.post('/sign-in/email', { email: 'a@example.com', password: 'wrong' });
      for (let tries = 0; tries < 20 && reply.status !== 429; tries += 1) {
        reply = await browser.post('/sign-in/email', { email: 'a@example.com', password: 'wrong' });
      }
      expect(reply.status).toBe(429);
      expect(reply.headers.get('access-control-allow-origin')).toBe(app);
      expect(Number(reply.headers.get('x-retry-after'))).toBeGreaterThan(0);
      expect(reply.headers.get('access-control-expose-headers')).toContain('X-Retry-After');
    });
  },
);
