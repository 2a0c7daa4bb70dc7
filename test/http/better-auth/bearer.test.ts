import { expect, test } from 'vitest';
import { onOneEngine, password } from '../../kit/stage.ts';

onOneEngine('Bearer (spec §1.8)', {}, (stage) => {
  const session = async (authorization: string, headers: Record<string, string> = {}) =>
    (await stage.browser().get('/get-session', { authorization, ...headers })).body;

  test('set-auth-token is the signed cookie value, told to scripts, and works as bearer', async () => {
    const { email } = await stage.member();
    const reply = await stage.browser().post('/sign-in/email', { email, password });
    const token = reply.headers.get('set-auth-token')!;
    expect(reply.headers.get('access-control-expose-headers')).toBe('set-auth-token');
    const cookie = /session_token=([^;]+)/.exec(reply.setCookies[0]!)![1]!;
    expect([token, encodeURIComponent(token)]).toContain(cookie);
    expect((await session(`Bearer ${token}`)).user.email).toBe(email);
    const list = await stage.browser().get('/list-sessions', { authorization: `Bearer ${token}` });
    expect(list.body).toHaveLength(2);
  });

  test('the bare token, any case of the scheme, signature as base64, base64url or URL-encoded', async () => {
    const { browser, token, id } = await stage.member();
    const signed = decodeURIComponent((await browser.cookie('better-auth.session_token'))!);
    const urlSafe = signed.replaceAll('+', '-').replaceAll('/', '_');
    for (const credentials of [token, signed, encodeURIComponent(signed), urlSafe, urlSafe.replace(/=+$/, '')]) {
      expect((await session(`Bearer ${credentials}`))?.user.id).toBe(id);
      expect((await session(`bearer ${credentials}`))?.user.id).toBe(id);
    }
  });

  test.each(['Basic', 'Token', 'Bearerx'])('the scheme %s is another one', async (scheme) => {
    const { token } = await stage.member();
    expect(await session(`${scheme} ${token}`)).toBeNull();
  });

  test('a signature that is wrong spoils the token', async () => {
    const { browser, token } = await stage.member();
    const signed = decodeURIComponent((await browser.cookie('better-auth.session_token'))!);
    const other = signed.replace(/\.(.)/, (_all, first: string) => `.${first === 'A' ? 'B' : 'A'}`);
    for (const credentials of [other, `${token}.`, `${token}.abc`, `${token}.%`, `.${signed}`]) {
      expect(await session(`Bearer ${credentials}`)).toBeNull();
    }
  });

  test('an invalid header with a valid cookie: the cookie counts', async () => {
    const { browser, id } = await stage.member();
    for (const authorization of ['Bearer nothing', 'Bearer', 'Bearer a b', 'Basic x', `Bearer ${'x'.repeat(5000)}`]) {
      expect((await browser.get('/get-session', { authorization })).body.user.id).toBe(id);
    }
  });

  test('a valid header comes before a valid cookie', async () => {
    const one = await stage.member();
    const two = await stage.member();
    const reply = await one.browser.get('/get-session', { authorization: `Bearer ${two.token}` });
    expect(reply.body.user.id).toBe(two.id);
    expect(reply.body.session.token).toBe(two.token);
  });

  test('writes with a bearer and no cookie need no origin', async () => {
    const { token } = await stage.member();
    const headers = { authorization: `Bearer ${token}`, origin: 'https://evil.example' };
    expect((await stage.browser().post('/update-user', { name: 'B' }, headers)).status).toBe(200);
    expect((await stage.browser().post('/sign-out', {}, headers)).status).toBe(200);
    expect(await session(`Bearer ${token}`)).toBeNull();
  });
});
