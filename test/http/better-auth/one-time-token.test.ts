import { createAuthClient } from 'better-auth/client';
import { oneTimeTokenClient } from 'better-auth/client/plugins';
import { expect, test } from 'vitest';
import { minutes } from '../../../src/base/clock.ts';
import type { Browser } from '../../kit/browser.ts';
import { onEveryEngine, onOneEngine } from '../../kit/stage.ts';

const generate = async (browser: Browser): Promise<string> =>
  (await browser.get('/one-time-token/generate')).body.token;
const verify = (browser: Browser, token: string) => browser.post('/one-time-token/verify', { token });

onEveryEngine('one-time tokens', { betterAuth: { oneTimeToken: true } }, (stage) => {
  test('hand the same session to another browser (core map T6)', async () => {
    const { browser, id } = await stage.member();
    const { session } = (await browser.get('/get-session')).body;
    const other = stage.browser();
    const reply = await verify(other, await generate(browser));
    expect(reply.status).toBe(200);
    expect(Object.keys(reply.body)).toEqual(['session', 'user']);
    expect(reply.body).toMatchObject({ session: { id: session.id, token: session.token }, user: { id } });
    expect((await other.get('/get-session')).body.session.id).toBe(session.id);
  });

  test('are not cached', async () => {
    const { browser } = await stage.member();
    const reply = await browser.get('/one-time-token/generate');
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test('are for people who are signed in', async () => {
    expect((await stage.browser().get('/one-time-token/generate')).status).toBe(401);
  });

  test('work once, also when fifty show one (rule 6)', async () => {
    const { browser } = await stage.member();
    const token = await generate(browser);
    const replies = await Promise.all(Array.from({ length: 50 }, () => verify(stage.browser(), token)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ body }) => body.code === 'INVALID_TOKEN')).toHaveLength(49);
  });

  test('are over after three minutes', async () => {
    const { browser } = await stage.member();
    const token = await generate(browser);
    stage.world.clock.advance(minutes(3));
    expect((await verify(stage.browser(), token)).status).toBe(400);
  });

  test('open nothing when the session ended meanwhile (rule 18)', async () => {
    const { browser } = await stage.member();
    const token = await generate(browser);
    await browser.post('/sign-out');
    const { status, body, setCookies } = await verify(stage.browser(), token);
    expect([status, body.code, setCookies]).toEqual([400, 'SESSION_NOT_FOUND', []]);
  });

  test("are no session's token, nor is one a one-time token (rule 6)", async () => {
    const { browser, token } = await stage.member();
    expect((await verify(stage.browser(), token)).status).toBe(400);
    const bearer = { authorization: `Bearer ${await generate(browser)}` };
    expect((await stage.browser().get('/get-session', bearer)).body).toBeNull();
  });

  test('the session of one that was stored cannot be read from the database', async () => {
    const { browser, token } = await stage.member();
    await generate(browser);
    const { vault, store } = stage.world.app.mainProject.context('better-auth');
    const { user } = (await browser.get('/get-session')).body;
    const stored = (await store.read.codes.findLatest('shared_session', user.id))!;
    const opened = vault.open({ table: 'one_time_value', column: 'payload_enc', row: stored.id }, stored.payload!);
    expect(opened).not.toContain(token);
  });

  test('the real client', async () => {
    const { browser, id } = await stage.member();
    const client = (at: Browser) =>
      createAuthClient({
        baseURL: at.base,
        plugins: [oneTimeTokenClient()],
        fetchOptions: { customFetchImpl: at.fetch as typeof fetch },
      });
    const { data } = await client(browser).oneTimeToken.generate();
    const elsewhere = client(stage.browser());
    expect((await elsewhere.oneTimeToken.verify({ token: data!.token })).data?.user.id).toBe(id);
    expect((await elsewhere.getSession()).data?.user.id).toBe(id);
  });
});

onOneEngine('one-time tokens by default', { contract: false }, (stage) => {
  test('are not there', async () => {
    const { browser } = await stage.member();
    expect((await browser.get('/one-time-token/generate')).status).toBe(404);
    expect((await verify(browser, 'x')).status).toBe(404);
  });
});
