import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { onEveryEngine, password, rawRequest } from '../kit/stage.ts';

const base = '/better-auth/api/auth';

describe('rule 21: forwarded addresses', () => {
  const seenFrom = async (stage: { world: { url: string }; address(): string }, headers: Record<string, string>) => {
    const reply = await rawRequest(stage.world.url, `${base}/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email: stage.address(), password, name: 'A' }),
    });
    const { token } = JSON.parse(reply.text);
    const session = await rawRequest(stage.world.url, `${base}/get-session`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return JSON.parse(session.text).session.ipAddress;
  };

  onEveryEngine('from a stranger', { http: { trustedProxies: [] } }, (stage) => {
    test.each(['x-forwarded-for', 'x-real-ip', 'forwarded', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip'])(
      '%s counts for nothing',
      async (name) => {
        expect(await seenFrom(stage, { [name]: name === 'forwarded' ? 'for=9.9.9.9' : '9.9.9.9' })).toBe('127.0.0.1');
      },
    );
  });

  onEveryEngine('through a proxy', { http: { trustedProxies: ['127.0.0.1', '10.0.0.0/8'] } }, (stage) => {
    test.each([
      ['198.51.100.1', '198.51.100.1'],
      ['9.9.9.9, 198.51.100.1', '198.51.100.1'],
      ['9.9.9.9, 198.51.100.1, 10.0.0.7', '198.51.100.1'],
      ['10.0.0.9, 10.0.0.7', '10.0.0.9'],
    ])('%s is %s', async (forwarded, ip) => {
      expect(await seenFrom(stage, { 'x-forwarded-for': forwarded })).toBe(ip);
    });

    test('only X-Forwarded-For is read', async () => {
      expect(await seenFrom(stage, { 'x-real-ip': '9.9.9.9', forwarded: 'for=9.9.9.9' })).toBe('127.0.0.1');
    });
  });
});

onEveryEngine('rule 33: odd requests get round nothing', { development: false, http: { limits: true } }, (stage) => {
  const session = async () => (await stage.member()).browser;

  test('other spellings of a path are other paths, for reading and for writing', async () => {
    const browser = await session();
    const cookie = await browser.jar.getCookieString(browser.base);
    for (const target of [
      `/${base}/list-sessions`,
      `${base}//list-sessions`,
      `${base}/list-sessions/`,
      `${base}/LIST-SESSIONS`,
      `${base}/./list-sessions`,
      `${base}/x/../list-sessions`,
      `${base}/list-sessions%2f`,
      `${base}/list-sessions;x=1`,
      `${base}/list-sessions%00`,
      `${base}/list%2Dsessions%20`,
      `/Better-Auth/api/auth/list-sessions`,
      `/better-auth%2Fapi/auth/list-sessions`,
      `\\better-auth\\api\\auth\\list-sessions`,
    ]) {
      const reply = await rawRequest(stage.world.url, target, { headers: { cookie } });
      expect([target, [400, 404].includes(reply.status), reply.text.includes('expiresAt')]).toEqual([
        target,
        true,
        false,
      ]);
    }
  });

  test('an absolute target is its path: authentication and limits are the same', async () => {
    const reply = await rawRequest(stage.world.url, `http://evil.example${base}/list-sessions`);
    expect([400, 401, 404]).toContain(reply.status);
  });

  test.each(['get', 'Get', 'post', 'POSt', 'PROPFIND', 'TRACE', 'CONNECT', 'X'])(
    'the method %s is none of ours',
    async (method) => {
      const { hostname, port } = new URL(stage.world.url);
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(`${method} ${base}/get-session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        });
        let text = '';
        socket.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        socket.on('close', () => resolve(text)).on('error', reject);
      });
      expect(answer === '' || /^HTTP\/1\.1 (?:400|404|405|501)/.test(answer)).toBe(true);
    },
  );

  test('X-HTTP-Method-Override and _method change nothing', async () => {
    const browser = await session();
    const headers = { 'x-http-method-override': 'POST', 'x-method-override': 'POST' };
    expect((await browser.get('/sign-out?_method=POST', headers)).status).toBe(404);
    expect((await browser.get('/get-session')).body).not.toBeNull();
  });

  test('a body under a type that is not read is no body: nothing gets past validation', async () => {
    const send = (type: string) =>
      rawRequest(stage.world.url, `${base}/sign-up/email`, {
        method: 'POST',
        headers: { 'content-type': type, 'x-forwarded-for': '198.51.100.200' },
        body: JSON.stringify({ email: 'odd@example.com', password, name: 'A' }),
      });
    for (const type of ['text/plain', 'application/json, text/plain', 'application/jsonp']) {
      expect((await send(type)).status).toBe(415);
    }
    const after = await stage.browser().post('/sign-in/email', { email: 'odd@example.com', password });
    expect(after.status).toBe(401);
  });

  test('a query does not stand in for a body', async () => {
    const { email } = await stage.member();
    const reply = await stage
      .browser()
      .post(`/sign-in/email?email=${email}&password=${encodeURIComponent(password)}`, {});
    expect(reply.status).toBe(400);
  });

  test('doubled members: one value counts everywhere, the checked one', async () => {
    const text = `{"email":"a@example.com","password":"x","callbackURL":"/fine","callbackURL":"https://evil.example"}`;
    expect((await stage.browser().send('POST', '/sign-in/email', text)).status).toBe(403);
  });
});

describe('rule 38: start-up', () => {
  const problems = (env: Record<string, string>): string => {
    try {
      readConfig({ env: { NODE_ENV: 'production', ...env }, cwd: '/srv/app', generatedSecret: () => 'unused' });
      return '';
    } catch (fault) {
      return String((fault as Error).message);
    }
  };

  test('an http address is refused outside development, unless it is loopback', () => {
    const secret = 'k8Jq2mVx0sLr7Zt4Bw9Nc3Yd6Fg1Hp5Q';
    expect(problems({ PUBLIC_URL: 'http://id.example.com', SECRET: secret })).toMatch(/PUBLIC_URL|publicUrl/);
  });

  test.each([
    'secret',
    'changeme',
    'change-me-please-change-me-please!',
    'better-auth-secret-123456789',
    'x'.repeat(40),
  ])('%s is no secret', (secret) => {
    expect(problems({ PUBLIC_URL: 'https://id.example.com', SECRET: secret })).toMatch(/secret/i);
  });
});
