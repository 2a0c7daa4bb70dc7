import { createAuthClient } from 'better-auth/client';
import { magicLinkClient } from 'better-auth/client/plugins';
import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/base/clock.ts';
import type { Browser } from '../../kit/browser.ts';
import { onEveryEngine, onOneEngine, password, type Stage, tokenIn } from '../../kit/stage.ts';
import { appCode } from '../../kit/totp.ts';

const ask = (browser: Browser, email: string, more: object = {}) =>
  browser.post('/sign-in/magic-link', { email, ...more });
const isSignedIn = async (browser: Browser) => (await browser.get('/get-session')).body !== null;

async function asked(stage: Stage, email = stage.address(), more: object = {}) {
  const browser = stage.browser();
  expect((await ask(browser, email, more)).body).toEqual({ status: true });
  const { links } = await stage.world.mail(email);
  return { browser, email, link: links[0]! };
}

async function enrolled(stage: Stage) {
  const member = await stage.member({ verified: true });
  const { body } = await member.browser.post('/two-factor/enable', { password });
  await member.browser.post('/two-factor/verify-totp', { code: appCode(stage.world.clock, body.totpURI) });
  stage.world.clock.advance(seconds(30));
  return { ...member, uri: body.totpURI as string };
}

onEveryEngine('magic link', {}, (stage) => {
  describe('POST /sign-in/magic-link', () => {
    test('known and unknown addresses are answered alike, and both get a link (rule 17)', async () => {
      const { email } = await stage.member({ verified: true });
      const stranger = stage.address();
      const known = await ask(stage.browser(), email);
      const unknown = await ask(stage.browser(), stranger);
      expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
      for (const to of [email, stranger]) expect((await stage.world.mail(to)).subject).toBe('Sign in to Test App');
    });

    test('the link is built from the configured address, whatever Host says (rule 16)', async () => {
      const browser = stage.browser({ 'x-forwarded-host': 'evil.example' });
      const email = stage.address();
      await ask(browser, email);
      const [link] = (await stage.world.mail(email)).links;
      expect(link).toMatch(new RegExp(`^${stage.world.betterAuthUrl}/magic-link/verify\\?token=`));
      expect(new URL(link!).searchParams.get('callbackURL')).toBe(`${stage.world.url}/`);
    });

    test.each(['callbackURL', 'newUserCallbackURL', 'errorCallbackURL'])(
      'an untrusted %s is refused and nothing is mailed (rule 19)',
      async (field) => {
        const email = stage.address();
        expect((await ask(stage.browser(), email, { [field]: 'https://evil.example/' })).status).toBe(403);
        expect(await stage.world.mails(email)).toEqual([]);
      },
    );

    test('what is not an address is told so', async () => {
      const { status, body } = await ask(stage.browser(), 'nobody');
      expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
    });

    test('after five mails an hour the answer is as ever, and nothing more is mailed', async () => {
      const email = stage.address();
      for (let count = 0; count < 7; count += 1) expect((await ask(stage.browser(), email)).status).toBe(200);
      expect(await stage.world.mails(email)).toHaveLength(5);
    });
  });

  describe('GET /magic-link/verify in the browser that asked', () => {
    test('signs in at once and goes on to callbackURL', async () => {
      const { email, id } = await stage.member({ verified: true });
      const { browser, link } = await asked(stage, email, { callbackURL: '/home' });
      const reply = await browser.get(link);
      expect(reply.status).toBe(302);
      expect(reply.headers.get('location')).toBe(`${stage.world.url}/home`);
      expect((await browser.get('/get-session')).body.user).toMatchObject({ id, email });
      expect(await stage.world.eventTypes(id)).toContain('account.signed_in');
    });

    test('makes the person of an address that has none: verified, named, sent to newUserCallbackURL', async () => {
      const { browser, email, link } = await asked(stage, undefined, {
        name: 'Grace',
        callbackURL: '/home',
        newUserCallbackURL: '/welcome',
      });
      expect((await browser.get(link)).headers.get('location')).toBe(`${stage.world.url}/welcome`);
      const { user } = (await browser.get('/get-session')).body;
      expect(user).toMatchObject({ email, name: 'Grace', emailVerified: true });
      expect(await stage.world.eventTypes(user.id)).toEqual(['account.created', 'account.signed_in']);
    });

    test('without callbackURL it answers token, user and session', async () => {
      const { browser, email, link } = await asked(stage);
      const { status, body } = await browser.get(`/magic-link/verify?token=${tokenIn(link)}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ token: expect.any(String), user: { email }, session: { userId: body.user.id } });
    });

    test('works once (rule 6); whoever is in by it is told no error', async () => {
      const { browser, link } = await asked(stage, undefined, { callbackURL: '/home', errorCallbackURL: '/oops' });
      const signedOut = await browser.copy();
      await browser.get(link);
      const again = await browser.get(link);
      expect([again.headers.get('location'), again.setCookies]).toEqual([`${stage.world.url}/home`, []]);
      const other = await signedOut.get(link);
      expect(other.headers.get('location')).toBe(`${stage.world.url}/oops?error=INVALID_TOKEN`);
    });

    test('of fifty at once one gets a session (rule 6)', async () => {
      const { email } = await stage.member({ verified: true });
      const { browser, link } = await asked(stage, email);
      const twins = await Promise.all(Array.from({ length: 50 }, () => browser.copy()));
      const replies = await Promise.all(twins.map((twin) => twin.get(link)));
      const won = replies.filter(({ setCookies }) => setCookies.some((line) => line.includes('.session_token=')));
      expect(won).toHaveLength(1);
    });

    test('fifty first sign-ins of one address make one person', async () => {
      const { browser, link } = await asked(stage);
      const twins = await Promise.all(Array.from({ length: 50 }, () => browser.copy()));
      const replies = await Promise.all(twins.map((twin) => twin.get(link)));
      expect(replies.map(({ status }) => status)).toEqual(Array(50).fill(302));
      expect(replies.filter(({ headers }) => !headers.get('location')!.includes('error='))).toHaveLength(1);
    });

    test('is over after five minutes', async () => {
      const { browser, link } = await asked(stage);
      stage.world.clock.advance(minutes(5));
      expect((await browser.get(link)).headers.get('location')).toBe(`${stage.world.url}/?error=INVALID_TOKEN`);
      expect(await isSignedIn(browser)).toBe(false);
    });

    test("a link of another purpose is worth nothing here, nor this one's elsewhere (rule 6)", async () => {
      const { browser, email } = await stage.member();
      const verification = await stage.mailedToken(email);
      const wrong = await browser.get(`/magic-link/verify?token=${verification}&callbackURL=/`);
      expect(wrong.headers.get('location')).toContain('error=INVALID_TOKEN');
      const { link } = await asked(stage, email);
      const reset = await browser.post('/reset-password', { token: tokenIn(link), newPassword: 'another one' });
      expect(reset.body.code).toBe('INVALID_TOKEN');
    });

    test('a session known before is not the one after (rule 15)', async () => {
      const member = await stage.member({ verified: true });
      const before = await member.browser.cookie('better-auth.session_token');
      await ask(member.browser, member.email);
      await member.browser.get((await stage.world.mail(member.email)).links[0]!);
      expect(await member.browser.cookie('better-auth.session_token')).not.toBe(before);
    });
  });

  describe('in any other browser', () => {
    test('a page with a button comes first; a mail scanner spends nothing (rule 23)', async () => {
      const { email, link, browser } = await asked(stage, undefined, { callbackURL: '/home' });
      const page = await stage.browser().visit(link);
      expect([page.status, page.setCookies]).toEqual([200, []]);
      expect(page.text).toContain(email);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect((await browser.get(link)).headers.get('location')).toBe(`${stage.world.url}/home`);
    });

    const press = (browser: Browser, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      browser.send('POST', '/magic-link/verify', new URLSearchParams(fields).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      });

    test('the button signs that browser in', async () => {
      const { email, link } = await asked(stage, undefined, { callbackURL: '/home' });
      const phone = stage.browser();
      const reply = await press(phone, { token: tokenIn(link), callbackURL: '/home' });
      expect([reply.status, reply.headers.get('location')]).toEqual([302, `${stage.world.url}/home`]);
      expect((await phone.get('/get-session')).body.user.email).toBe(email);
    });

    test('a form on another site cannot press it', async () => {
      const { link } = await asked(stage);
      const reply = await press(
        stage.browser(),
        { token: tokenIn(link), callbackURL: '/' },
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      );
      expect(reply.status).toBe(403);
    });
  });

  describe('the second factor is asked here too (rule 13)', () => {
    test('by redirect to its page, and no session before', async () => {
      const { email, uri } = await enrolled(stage);
      const { browser, link } = await asked(stage, email, { callbackURL: '/home' });
      const reply = await browser.get(link);
      expect(reply.headers.get('location')).toMatch(/\/second-factor$/);
      expect(await isSignedIn(browser)).toBe(false);
      await browser.post('/two-factor/verify-totp', { code: appCode(stage.world.clock, uri) });
      expect(await isSignedIn(browser)).toBe(true);
    });

    test('or by JSON', async () => {
      const { email } = await enrolled(stage);
      const { browser, link } = await asked(stage, email);
      const { body } = await browser.get(`/magic-link/verify?token=${tokenIn(link)}`);
      expect(body).toEqual({ twoFactorRedirect: true, twoFactorMethods: ['totp'] });
    });
  });

  describe('an address nobody had proven (core map E4)', () => {
    test('its mailbox takes it over: password, sessions and factors of before are gone', async () => {
      const squatter = await stage.member();
      const { browser, link } = await asked(stage, squatter.email);
      await browser.get(link);
      expect((await browser.get('/get-session')).body.user).toMatchObject({ id: squatter.id, emailVerified: true });
      expect(await isSignedIn(squatter.browser)).toBe(false);
      const { status } = await stage.browser().post('/sign-in/email', { email: squatter.email, password });
      expect(status).toBe(401);
    });

    test('but not from whoever is signed in as that person', async () => {
      const member = await stage.member();
      await ask(member.browser, member.email);
      await member.browser.get((await stage.world.mail(member.email)).links[0]!);
      expect((await member.browser.get('/get-session')).body.user.emailVerified).toBe(true);
      expect(await isSignedIn(await stage.signIn(member))).toBe(true);
    });
  });

  describe('who may not come in', () => {
    test('banned people get no session on this path (rule 18)', async () => {
      const { email, id } = await stage.member({ verified: true });
      const before = await asked(stage, email);
      await stage.ban(id);
      const after = await asked(stage, email);
      expect((await before.browser.get(before.link)).headers.get('location')).toContain('error=INVALID_TOKEN');
      expect((await after.browser.get(after.link)).headers.get('location')).toContain('error=BANNED_USER');
      for (const { browser } of [before, after]) expect(await isSignedIn(browser)).toBe(false);
    });

    test('a reset ends links that were mailed before it (rule 12)', async () => {
      const { email } = await stage.member({ verified: true });
      const { browser, link } = await asked(stage, email);
      await stage.browser().post('/request-password-reset', { email });
      const token = await stage.mailedToken(email);
      await stage.browser().post('/reset-password', { token, newPassword: 'another password' });
      expect((await browser.get(link)).headers.get('location')).toContain('error=INVALID_TOKEN');
    });
  });

  test('the real client', async () => {
    const browser = stage.browser();
    const auth = createAuthClient({
      baseURL: browser.base,
      plugins: [magicLinkClient()],
      fetchOptions: { customFetchImpl: browser.fetch as typeof fetch },
    });
    const email = stage.address();
    expect((await auth.signIn.magicLink({ email, callbackURL: '/' })).data).toEqual({ status: true });
    const token = await stage.mailedToken(email);
    const verified = await auth.magicLink.verify({ query: { token } });
    expect(verified.data).toMatchObject({ user: { email } });
    expect((await auth.getSession()).data?.user.email).toBe(email);
  });
});

onOneEngine('magic link without sign-up', { policy: { 'signUp.enabled': false } }, (stage) => {
  test('a stranger is answered as ever and gets no mail', async () => {
    const email = stage.address();
    expect((await ask(stage.browser(), email)).body).toEqual({ status: true });
    expect(await stage.world.mails(email)).toEqual([]);
  });
});

onOneEngine('magic link without asking first', { policy: { 'mailLinks.confirm': false } }, (stage) => {
  test('any browser is signed in at once', async () => {
    const { link } = await asked(stage);
    const phone = stage.browser();
    await phone.visit(link);
    expect(await isSignedIn(phone)).toBe(true);
  });
});

onOneEngine('magic link by policy', { policy: { 'methods.mailLink': false } }, (stage) => {
  test('is not there when the method is off', async () => {
    expect((await ask(stage.browser(), stage.address())).status).toBe(404);
    expect((await stage.browser().get('/magic-link/verify?token=x&callbackURL=/')).status).toBe(404);
  });
});

onOneEngine('magic link by configuration', { betterAuth: { magicLink: false }, contract: false }, (stage) => {
  test('is not there when the operation is off', async () => {
    expect((await ask(stage.browser(), stage.address())).status).toBe(404);
  });
});
