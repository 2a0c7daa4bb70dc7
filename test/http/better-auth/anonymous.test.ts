import { createAuthClient } from 'better-auth/client';
import { anonymousClient } from 'better-auth/client/plugins';
import { afterAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../kit/browser.ts';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { onEveryEngine, onOneEngine, password, type Stage } from '../../kit/stage.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

async function nobody(stage: Stage) {
  const browser = stage.browser();
  const { status, body } = await browser.post('/sign-in/anonymous');
  expect(status).toBe(200);
  return { browser, id: body.user.id as string, token: body.token as string };
}

const sessionOf = async (browser: Browser) => (await browser.get('/get-session')).body;

onEveryEngine('anonymous people', { betterAuth: { anonymous: true }, providers: [fake.config()] }, (stage) => {
  const exists = async (id: string) => (await stage.world.app.mainProject.store.read.users.find(id)) !== null;

  describe('POST /sign-in/anonymous', () => {
    test('makes somebody without an identifier and signs them in', async () => {
      const { browser, id } = await nobody(stage);
      expect((await sessionOf(browser)).user).toMatchObject({
        id,
        name: 'Anonymous',
        isAnonymous: true,
        email: `${id}@users.latchkey.invalid`,
        emailVerified: false,
      });
      expect(await stage.world.eventTypes(id)).toEqual(['account.created', 'account.signed_in']);
    });

    test('not twice', async () => {
      const { browser } = await nobody(stage);
      const { status, body } = await browser.post('/sign-in/anonymous');
      expect([status, body.code]).toEqual([400, 'ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY']);
    });
  });

  describe('POST /delete-anonymous-user', () => {
    test('erases who asks', async () => {
      const { browser, id } = await nobody(stage);
      expect((await browser.post('/delete-anonymous-user')).body).toEqual({ success: true });
      expect(await sessionOf(browser)).toBeNull();
      expect(await exists(id)).toBe(false);
    });

    test('refuses everybody else', async () => {
      const { browser, id } = await stage.member();
      const { status, body } = await browser.post('/delete-anonymous-user');
      expect([status, body.code]).toEqual([403, 'USER_IS_NOT_ANONYMOUS']);
      expect(await exists(id)).toBe(true);
    });

    test('refuses strangers', async () => {
      expect((await stage.browser().post('/delete-anonymous-user')).status).toBe(401);
    });
  });

  describe('who says who they are keeps their id (core map §2)', () => {
    test('by signing up; the token of before is worth nothing (rule 15)', async () => {
      const { browser, id, token } = await nobody(stage);
      const email = stage.address();
      const { body } = await browser.post('/sign-up/email', { email, password, name: 'Ada' });
      expect(body.user).toMatchObject({ id, email, name: 'Ada', isAnonymous: false });
      expect((await sessionOf(browser)).user.id).toBe(id);
      const planted = await stage.browser().get('/get-session', { authorization: `Bearer ${token}` });
      expect(planted.body).toBeNull();
      expect((await (await stage.signIn({ email })).get('/get-session')).body.user.id).toBe(id);
    });

    test('by a mailed link', async () => {
      const { browser, id } = await nobody(stage);
      const email = stage.address();
      await browser.post('/sign-in/magic-link', { email, callbackURL: '/' });
      await browser.get((await stage.world.mail(email)).links[0]!);
      expect((await sessionOf(browser)).user).toMatchObject({ id, email, emailVerified: true, isAnonymous: false });
    });

    test('by a provider', async () => {
      const { browser, id } = await nobody(stage);
      const { body } = await browser.post('/sign-in/social', { provider: 'github', callbackURL: '/home' });
      const state = new URL(body.url).searchParams.get('state');
      await browser.get(`/callback/github?code=abc&state=${state}`);
      expect((await sessionOf(browser)).user).toMatchObject({ id, isAnonymous: false });
    });

    test('by a mailed code', async () => {
      const { browser, id } = await nobody(stage);
      const email = stage.address();
      await browser.post('/email-otp/send-verification-otp', { email, type: 'sign-in' });
      const otp = /(?<!\d)\d{6}(?!\d)/.exec((await stage.world.mail(email)).text)![0];
      expect((await browser.post('/sign-in/email-otp', { email, otp })).body.user).toMatchObject({ id, email });
    });

    test('by changing the address they never had', async () => {
      const { browser, id } = await nobody(stage);
      const email = stage.address();
      await browser.post('/change-email', { newEmail: email });
      await browser.get((await stage.world.mail(email)).links[0]!);
      expect((await sessionOf(browser)).user).toMatchObject({ id, email, emailVerified: true, isAnonymous: false });
    });

    test('of ten sign-ups at once one takes the id', async () => {
      const { browser, id } = await nobody(stage);
      const twins = await Promise.all(Array.from({ length: 10 }, () => browser.copy()));
      const replies = await Promise.all(
        twins.map((twin) => twin.post('/sign-up/email', { email: stage.address(), password, name: 'Ada' })),
      );
      expect(replies.filter(({ body }) => body.user?.id === id)).toHaveLength(1);
    });

    test('an address that is taken is refused, and they stay who they are', async () => {
      const { browser, id } = await nobody(stage);
      const { email } = await stage.member();
      expect((await browser.post('/sign-up/email', { email, password, name: 'Ada' })).status).toBe(422);
      expect((await sessionOf(browser)).user).toMatchObject({ id, isAnonymous: true });
    });
  });

  test('signing in as somebody who was there already leaves no anonymous person behind', async () => {
    const { browser, id, token } = await nobody(stage);
    const member = await stage.member();
    expect((await browser.post('/sign-in/email', { email: member.email, password })).status).toBe(200);
    expect((await sessionOf(browser)).user.id).toBe(member.id);
    expect(await exists(id)).toBe(false);
    expect((await stage.browser().get('/get-session', { authorization: `Bearer ${token}` })).body).toBeNull();
  });

  test('a wrong password leaves them as they are', async () => {
    const { browser, id } = await nobody(stage);
    const { email } = await stage.member();
    await browser.post('/sign-in/email', { email, password: 'wrong one' });
    expect((await sessionOf(browser)).user.id).toBe(id);
  });

  test('a person stays when they sign in as another', async () => {
    const [one, other] = [await stage.member(), await stage.member()];
    await one.browser.post('/sign-in/email', { email: other.email, password });
    expect(await exists(one.id)).toBe(true);
  });

  test('the real client', async () => {
    const browser = stage.browser();
    const auth = createAuthClient({
      baseURL: browser.base,
      plugins: [anonymousClient()],
      fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
    });
    const signedIn = await auth.signIn.anonymous();
    expect(signedIn.error).toBeNull();
    expect((await auth.getSession()).data?.user.id).toBe(signedIn.data?.user.id);
    expect((await auth.deleteAnonymousUser()).data).toEqual({ success: true });
    expect((await auth.getSession()).data).toBeNull();
  });
});

onOneEngine(
  'anonymous people without sign-up',
  { betterAuth: { anonymous: true }, policy: { 'signUp.enabled': false } },
  (stage) => {
    test('none is made', async () => {
      expect((await stage.browser().post('/sign-in/anonymous')).status).toBe(400);
    });
  },
);

onOneEngine('anonymous people by default', { contract: false }, (stage) => {
  test('there are none', async () => {
    expect((await stage.browser().post('/sign-in/anonymous')).status).toBe(404);
    expect((await stage.member()).id).toBeTruthy();
  });
});
