import { createAuthClient } from 'better-auth/client';
import { multiSessionClient } from 'better-auth/client/plugins';
import { describe, expect, test } from 'vitest';
import type { Browser } from '../../kit/browser.ts';
import { type Member, onOneEngine, password, type Stage } from '../../kit/stage.ts';

const held = async (browser: Browser): Promise<{ session: { id: string; token: string }; user: { id: string } }[]> =>
  (await browser.get('/multi-session/list-device-sessions')).body;
const whoIs = async (browser: Browser) => (await browser.get('/get-session')).body?.user.id ?? null;
const cookieStart = 'better-auth.session_token_multi-';

/** One browser in which several people signed in; the last one is active. */
async function shared(stage: Stage, count = 2): Promise<{ browser: Browser; people: Member[] }> {
  const people: Member[] = [];
  for (let index = 0; index < count; index += 1) people.push(await stage.member());
  const browser = stage.browser();
  for (const { email } of people) await browser.post('/sign-in/email', { email, password });
  return { browser, people };
}

onOneEngine('several accounts in one browser', { betterAuth: { multiSession: true } }, (stage) => {
  test('every sign-in is kept beside the others, in a signed cookie of its own', async () => {
    const { browser, people } = await shared(stage);
    expect((await held(browser)).map(({ user }) => user.id).sort()).toEqual(people.map(({ id }) => id).sort());
    expect(await whoIs(browser)).toBe(people[1]!.id);
    const cookies = (await browser.jar.getCookies(browser.base)).filter(({ key }) => key.startsWith(cookieStart));
    expect(cookies).toHaveLength(2);
    expect(cookies.every(({ httpOnly }) => httpOnly)).toBe(true);
  });

  test('a browser without such cookies holds nothing', async () => {
    expect(await held(stage.browser())).toEqual([]);
  });

  test('signing in again ends the older session of the same person here', async () => {
    const { browser, people } = await shared(stage);
    const [first] = (await held(browser)).filter(({ user }) => user.id === people[0]!.id);
    await browser.post('/sign-in/email', { email: people[0]!.email, password });
    expect(await held(browser)).toHaveLength(2);
    const old = await stage.browser().get('/get-session', { authorization: `Bearer ${first!.session.token}` });
    expect(old.body).toBeNull();
  });

  test('no more than five further ones are kept', async () => {
    const { browser, people } = await shared(stage, 7);
    expect(await held(browser)).toHaveLength(5);
    expect(await whoIs(browser)).toBe(people[6]!.id);
  });

  describe('POST /multi-session/set-active', () => {
    test.each(['token', 'id'] as const)('goes on as another of them, named by its %s', async (name) => {
      const { browser, people } = await shared(stage);
      const other = (await held(browser)).find(({ user }) => user.id === people[0]!.id)!;
      const { status, body } = await browser.post('/multi-session/set-active', { sessionToken: other.session[name] });
      expect([status, body.user.id]).toEqual([200, people[0]!.id]);
      expect(await whoIs(browser)).toBe(people[0]!.id);
    });

    test("somebody else's session is unknown here, whoever knows its token or id (rule 28)", async () => {
      const { browser } = await shared(stage);
      const stranger = await stage.member();
      const { session } = (await stranger.browser.get('/get-session')).body;
      for (const sessionToken of [session.token, session.id, 'nonsense']) {
        const { status, body } = await browser.post('/multi-session/set-active', { sessionToken });
        expect([status, body.code]).toEqual([401, 'INVALID_SESSION_TOKEN']);
      }
    });

    test('a cookie without our signature is nothing (GHSA-wmjr-v86c-m9jj)', async () => {
      const stranger = await stage.member();
      const { session } = (await stranger.browser.get('/get-session')).body;
      for (const value of [session.token, `${session.token}.${'A'.repeat(43)}=`]) {
        const cookie = `${cookieStart}${session.id}=${encodeURIComponent(value)}`;
        const reply = await stage
          .browser()
          .post('/multi-session/set-active', { sessionToken: session.token }, { cookie });
        expect(reply.status).toBe(401);
        expect((await stage.browser().get('/multi-session/list-device-sessions', { cookie })).body).toEqual([]);
      }
    });

    test('a session that ended cannot be gone on with', async () => {
      const { browser, people } = await shared(stage);
      const other = (await held(browser)).find(({ user }) => user.id === people[0]!.id)!;
      await stage.ban(people[0]!.id);
      expect((await browser.post('/multi-session/set-active', { sessionToken: other.session.token })).status).toBe(401);
    });
  });

  describe('POST /multi-session/revoke', () => {
    test('signs one of them out, and the rest stay', async () => {
      const { browser, people } = await shared(stage);
      const other = (await held(browser)).find(({ user }) => user.id === people[0]!.id)!;
      const reply = await browser.post('/multi-session/revoke', { sessionToken: other.session.token });
      expect(reply.body).toEqual({ status: true });
      expect((await held(browser)).map(({ user }) => user.id)).toEqual([people[1]!.id]);
      expect(await whoIs(browser)).toBe(people[1]!.id);
      const old = await stage.browser().get('/get-session', { authorization: `Bearer ${other.session.token}` });
      expect(old.body).toBeNull();
    });

    test('the active one gives way to another', async () => {
      const { browser, people } = await shared(stage);
      const active = (await held(browser)).find(({ user }) => user.id === people[1]!.id)!;
      await browser.post('/multi-session/revoke', { sessionToken: active.session.token });
      expect(await whoIs(browser)).toBe(people[0]!.id);
      const [last] = await held(browser);
      await browser.post('/multi-session/revoke', { sessionToken: last!.session.token });
      expect(await whoIs(browser)).toBeNull();
    });

    test('only for somebody signed in, and only what this browser holds', async () => {
      const stranger = await stage.member();
      const { session } = (await stranger.browser.get('/get-session')).body;
      const { browser } = await shared(stage);
      expect((await stage.browser().post('/multi-session/revoke', { sessionToken: session.token })).status).toBe(401);
      expect((await browser.post('/multi-session/revoke', { sessionToken: session.token })).status).toBe(401);
      expect(await whoIs(stranger.browser)).toBe(stranger.id);
    });
  });

  test('signing out ends every session of the browser', async () => {
    const { browser } = await shared(stage);
    const tokens = (await held(browser)).map(({ session }) => session.token);
    await browser.post('/sign-out');
    expect(await held(browser)).toEqual([]);
    for (const token of tokens) {
      const reply = await stage.browser().get('/get-session', { authorization: `Bearer ${token}` });
      expect(reply.body).toBeNull();
    }
  });

  test('the real client', async () => {
    const { browser, people } = await shared(stage);
    const auth = createAuthClient({
      baseURL: browser.base,
      plugins: [multiSessionClient()],
      fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
    });
    const { data } = await auth.multiSession.listDeviceSessions();
    const other = data!.find(({ user }) => user.id === people[0]!.id)!;
    expect((await auth.multiSession.setActive({ sessionToken: other.session.token })).error).toBeNull();
    expect((await auth.getSession()).data?.user.id).toBe(people[0]!.id);
    expect((await auth.multiSession.revoke({ sessionToken: other.session.token })).data).toEqual({ status: true });
  });
});

onOneEngine('several accounts by default', { contract: false }, (stage) => {
  test('one browser holds one', async () => {
    const { browser } = await stage.member();
    expect((await browser.get('/multi-session/list-device-sessions')).status).toBe(404);
    expect(await browser.jar.getCookies(browser.base)).toHaveLength(1);
  });
});
