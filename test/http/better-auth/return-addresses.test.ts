import { expect, test } from 'vitest';
import type { Browser, Reply } from '../../kit/browser.ts';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { onOneEngine, password, type Stage, tokenIn } from '../../kit/stage.ts';

// What applications name without a host is a place of theirs, wherever this server is: people never land on an address
// of ours that nobody serves, least of all with a token in it.

const appUrl = 'https://app.example.com';
const other = 'https://other.example.com';

/** As a back end asks: nothing says which page it was. */
const nowhere = { 'sec-fetch-mode': 'navigate' };
const location = (reply: Reply) => reply.headers.get('location');
const callbackIn = (link: string) => new URL(link).searchParams.get('callbackURL');

/** Each way that a path gets to a person's browser, and where it takes them. */
const ways: Readonly<Record<string, (stage: Stage, headers: Record<string, string>) => Promise<(string | null)[]>>> = {
  async 'a verification link'(stage, headers) {
    const [browser, email] = [stage.browser(), stage.address()];
    await browser.post('/sign-up/email', { email, password, name: 'Ada', callbackURL: '/there?a=1' }, headers);
    const link = (await stage.world.mail(email)).links[0]!;
    return [callbackIn(link), location(await browser.visit(link))];
  },
  async 'a sign-in link'(stage, headers) {
    const [browser, email] = [stage.browser(), stage.address()];
    await browser.post('/sign-in/magic-link', { email, callbackURL: '/there?a=1' }, headers);
    const link = (await stage.world.mail(email)).links[0]!;
    return [callbackIn(link), location(await browser.visit(link))];
  },
  async 'a reset link'(stage, headers) {
    const { email } = await stage.member();
    await stage.browser().post('/request-password-reset', { email, redirectTo: '/there?a=1' }, headers);
    const link = (await stage.world.mail(email)).links[0]!;
    const landed = location(await stage.browser().visit(link));
    return [callbackIn(link) || null, landed?.replace(`&token=${tokenIn(link)}`, '') ?? null];
  },
  async 'a sign-in by a provider'(stage, headers) {
    const browser = stage.browser();
    const started = await browser.post('/sign-in/social', { provider: 'github', callbackURL: '/there?a=1' }, headers);
    const state = new URL(started.body.url).searchParams.get('state')!;
    const reply = await browser.visit(`${stage.world.betterAuthUrl}/callback/github?code=abc&state=${state}`);
    return [location(reply)];
  },
};

const fake = await startFakeOAuth();
const options = { providers: [fake.config()], contract: false };
const trusting = { policy: { 'redirects.origins': [other] } };

onOneEngine(
  'return addresses without a host, of an application whose address is configured',
  { ...options, ...trusting, appUrl },
  (stage) => {
    for (const [name, follow] of Object.entries(ways)) {
      test(`${name} leads there, whoever asks`, async () => {
        fake.reset();
        for (const headers of [nowhere, { origin: other }]) {
          expect(new Set(await follow(stage, headers as Record<string, string>))).toEqual(
            new Set([`${appUrl}/there?a=1`]),
          );
        }
      });
    }

    test('it is trusted as an origin, and pages lead on to it', async () => {
      const { email } = await stage.member();
      const asked = await stage.browser().post('/send-verification-email', { email, callbackURL: `${appUrl}/x` });
      expect(asked.status).toBe(200);
      const error = await stage.browser().visit(`${stage.world.url}/-/error?error=INVALID_TOKEN`);
      expect(error.text).toContain(`<a class="button" href="${appUrl}">Go on to Test App</a>`);
    });
  },
);

onOneEngine(
  'return addresses without a host, of an application that asks from a trusted origin',
  { ...options, ...trusting },
  (stage) => {
    for (const [name, follow] of Object.entries(ways)) {
      test(`${name} leads back there`, async () => {
        fake.reset();
        expect(new Set(await follow(stage, { origin: other }))).toEqual(new Set([`${other}/there?a=1`]));
      });
    }
  },
);

/** Who asks from a place that is not trusted, hides it, or lies about it. Some of them are refused for that already. */
const strangers: readonly { readonly headers: Record<string, string>; readonly refused: boolean }[] = [
  { headers: { ...nowhere, referer: 'https://evil.example/there' }, refused: true },
  { headers: { ...nowhere, 'expo-origin': 'https://evil.example' }, refused: true },
  { headers: { ...nowhere, 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }, refused: false },
  { headers: { origin: 'null', 'sec-fetch-site': 'same-origin' }, refused: false },
];

onOneEngine('return addresses without a host, of an application that nobody knows', options, (stage) => {
  for (const [name, follow] of Object.entries(ways)) {
    test.each(strangers)(`${name} leads to no stranger that asks: %j`, async ({ headers, refused }) => {
      fake.reset();
      const ends = await follow(stage, headers).catch((fault: unknown) => {
        if (!refused) throw fault;
        return []; // no mail was sent
      });
      const ours = (end: string | null) => end === null || end === '/' || end.startsWith(`${stage.world.url}/`);
      expect(ends.filter((end) => !ours(end))).toEqual([]);
    });
  }

  test('links end on a page of ours that says what happened', async () => {
    const [browser, email] = [stage.browser(), stage.address()];
    await browser.post('/sign-up/email', { email, password, name: 'Ada', callbackURL: '/there' }, nowhere);
    const verification = (await stage.world.mail(email)).links[0]!;
    const verified = await browser.visit(verification);
    expect([verified.status, verified.text.includes('E-mail verified')]).toEqual([200, true]);

    await stage.browser().post('/sign-in/magic-link', { email, callbackURL: '/there' }, nowhere);
    const signIn = (await stage.world.mail(email)).links[0]!;
    const phone = stage.browser();
    const signedIn = await phone.press(await phone.visit(signIn));
    expect([signedIn.status, signedIn.text.includes('You are signed in')]).toEqual([200, true]);
    expect((await phone.get('/get-session')).body.user.email).toBe(email);
  });

  test('a reset link leads to the page that takes the password', async () => {
    const { email } = await stage.member();
    await stage.browser().post('/request-password-reset', { email, redirectTo: '/there' }, nowhere);
    const link = (await stage.world.mail(email)).links[0]!;
    const landed = location(await stage.browser().visit(link));
    expect(landed).toBe(`${stage.world.url}/-/reset-password?token=${tokenIn(link)}`);
  });

  test('a sign-in by a provider ends on a page of ours', async () => {
    fake.reset();
    const browser: Browser = stage.browser();
    const started = await browser.post('/sign-in/social', { provider: 'github', callbackURL: '/there' }, nowhere);
    const state = new URL(started.body.url).searchParams.get('state')!;
    const reply = await browser.visit(`${stage.world.betterAuthUrl}/callback/github?code=abc&state=${state}`);
    expect([reply.status, reply.text.includes('You are signed in')]).toEqual([200, true]);
  });

  test('a button pressed on our own page does not make our host the application’s', async () => {
    const { email } = await stage.member();
    const link = (await stage.world.mail(email)).links[0]!.replace(/callbackURL=[^&]*/, 'callbackURL=%2Fthere');
    const browser = stage.browser();
    const done = await browser.press(await browser.visit(link));
    expect([done.status, done.text.includes('E-mail verified')]).toEqual([200, true]);
  });
});
