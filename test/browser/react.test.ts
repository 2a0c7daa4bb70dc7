import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addAuthenticator, bundle, chromiumIsThere, launchChromium } from '../kit/chromium.ts';
import { type OidcIssuer, startOidcIssuer } from '../kit/oidc-issuer.ts';
import { appCode } from '../kit/totp.ts';
import { createWorld, type World } from '../kit/world.ts';

// biome-ignore lint/suspicious/noExplicitAny: the client lives in the page
type InPage = any;

const email = 'ada@example.com';
const password = 'correct horse';
const newPassword = 'battery staple';

/** The client looks for the active organization again when somebody has signed out: of any server. */
const askedAfterSignOut = '/organization/get-full-organization';

/**
 * The application is on `app.dev.localhost`, the server on `id.dev.localhost`: other origins of one site, as
 * `app.example.com` and `id.example.com` are.
 */
describe.skipIf(!chromiumIsThere())('The unmodified React client on another origin, in Chromium', () => {
  let world: World;
  let issuer: OidcIssuer;
  let chromium: Browser;
  let application: Server;
  let home: string;
  let context: BrowserContext;
  let page: Page;
  /** What the browser had to say; no test expects any of it. */
  const complaints: string[] = [];

  beforeAll(async () => {
    const script = await bundle(join(import.meta.dirname, 'react-page.ts'));
    application = createServer((request, response) => {
      if (request.url === '/favicon.ico') return response.writeHead(204).end();
      const server = `var server = ${JSON.stringify(world.betterAuthUrl)};`;
      const inline = `${server}${script}`.replaceAll('</script', '<\\/script');
      return response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(`<!doctype html><title>App</title><main id="root"></main><script>${inline}</script>`);
    }).listen(0, '127.0.0.1');
    await once(application, 'listening');
    home = `http://app.dev.localhost:${(application.address() as AddressInfo).port}`;
    issuer = await startOidcIssuer({ anyRedirect: true });
    world = await createWorld({
      hostname: 'id.dev.localhost',
      startIso: new Date().toISOString(),
      policy: { 'redirects.origins': [home, home.replace('app.dev', 'other')], 'passkeys.rpId': 'dev.localhost' },
      providers: [issuer.config()],
    });
    chromium = await launchChromium();
    context = await chromium.newContext();
    page = await context.newPage();
    page.on('pageerror', (fault) => complaints.push(String(fault)));
    page.on('console', (line) => {
      const refused = line.text().startsWith('Failed to load resource');
      if (['error', 'warning'].includes(line.type()) && !refused) complaints.push(line.text());
    });
    page.on('response', (answer) => {
      const line = `${answer.status()} ${answer.url()}`;
      const expected = answer.status() === 401 && answer.url().endsWith(askedAfterSignOut);
      if (answer.status() >= 400 && !expected) complaints.push(line);
    });
    await addAuthenticator(context, page);
    await page.goto(home);
  });
  afterAll(async () => {
    await chromium?.close();
    await world?.close();
    await issuer?.close();
    application?.close();
  });
  beforeEach(() => {
    complaints.length = 0;
    return () => expect(complaints).toEqual([]);
  });

  const inPage = <T, A = undefined>(work: (auth: InPage, given: A) => Promise<T>, given?: A): Promise<T> =>
    page.evaluate(`(${work.toString()})(window.auth, ${JSON.stringify(given)})`) as Promise<T>;
  /** What a component shows once the hooks have heard of it. */
  const shows = (id: string, text: string) =>
    page.waitForFunction(([id, text]) => document.querySelector(`#${id}`)?.textContent === text, [id, text] as const);
  const signOut = async () => {
    expect(await inPage((auth) => auth.signOut())).toMatchObject({ data: { success: true }, error: null });
    await shows('who', 'nobody');
  };
  const signIn = (secret: string) =>
    inPage((auth, given) => auth.signIn.email(given), { email, password: secret }) as Promise<InPage>;

  test('signing up shows in the component that asks who is signed in', async () => {
    await shows('who', 'nobody');
    const signedUp = await inPage((auth, given) => auth.signUp.email(given), { email, password, name: 'Ada' });
    expect(signedUp).toMatchObject({ data: { user: { email } }, error: null });
    await shows('who', email);
  });

  test('the cookie survives a new load of the page', async () => {
    await page.reload();
    await shows('who', email);
  });

  test('signing out and in again shows, too', async () => {
    await signOut();
    expect(await signIn(password)).toMatchObject({ error: null });
    await shows('who', email);
  });

  test('a passkey for the common domain is made and signs in', async () => {
    expect(await inPage((auth) => auth.passkey.addPasskey({ name: 'Here' }))).not.toMatchObject({ error: {} });
    expect(await inPage((auth) => auth.passkey.listUserPasskeys())).toMatchObject({ data: [{ name: 'Here' }] });
    await signOut();
    await inPage((auth) => auth.signIn.passkey());
    await page.reload();
    await shows('who', email);
  });

  test('an organization is made and becomes the active one', async () => {
    await shows('active', 'none');
    const made = await inPage((auth) => auth.organization.create({ name: 'Acme', slug: 'acme' }));
    expect(made).toMatchObject({ data: { name: 'Acme' }, error: null });
    await shows('organizations', 'Acme');
    const set = await inPage((auth) => auth.organization.setActive({ organizationSlug: 'acme' }));
    expect(set).toMatchObject({ error: null });
    await shows('active', 'Acme');
    await shows('faults', '');
  });

  test('a mailed link signs in and leads back to the application', async () => {
    await signOut();
    const asked = { email, callbackURL: `${home}/welcome` };
    expect(await inPage((auth, given) => auth.signIn.magicLink(given), asked)).toMatchObject({ error: null });
    await page.goto((await world.mail(email)).links[0]!);
    await page.waitForURL(`${home}/welcome`);
    await shows('who', email);
  });

  test('a forgotten password is replaced on a page of the application', async () => {
    await signOut();
    const asked = { email, redirectTo: `${home}/reset` };
    expect(await inPage((auth, given) => auth.requestPasswordReset(given), asked)).toMatchObject({ error: null });
    await page.goto((await world.mail(email)).links[0]!);
    await page.waitForURL(`${home}/reset?token=*`);
    const given = { newPassword, token: new URL(page.url()).searchParams.get('token') };
    expect(await inPage((auth, given) => auth.resetPassword(given), given)).toMatchObject({ error: null });
    expect(await signIn(newPassword)).toMatchObject({ error: null });
    await shows('who', email);
  });

  test('a provider signs somebody in and leads back', async () => {
    await signOut();
    issuer.signInAs({ sub: 'bob', email: 'bob@example.com', email_verified: true, name: 'Bob' });
    const asked = { provider: 'corp', callbackURL: `${home}/social` };
    await Promise.all([page.waitForURL(`${home}/social`), inPage((auth, given) => auth.signIn.social(given), asked)]);
    await shows('who', 'bob@example.com');
  });

  test('a second factor is set up, asked for and shown', async () => {
    await context.clearCookies();
    await page.goto(home);
    await signIn(newPassword);
    const enabled = await inPage((auth, given) => auth.twoFactor.enable(given), { password: newPassword });
    const { totpURI } = (enabled as InPage).data;
    const code = () => ({ code: appCode(world.clock, totpURI) });
    const verify = () => inPage((auth, given) => auth.twoFactor.verifyTotp(given), code());
    expect(await verify()).toMatchObject({ error: null });
    await signOut();
    expect(await signIn(newPassword)).toMatchObject({ data: { twoFactorRedirect: true } });
    world.clock.advance(30_000);
    expect(await verify()).toMatchObject({ data: { user: { email } } });
    await page.reload();
    await shows('who', email);
  });

  test('what the browser keeps from a page of another site is in the log, once', async () => {
    const at = (host: string) => home.replace('app.dev.localhost', host);
    const ask = async (host: string) => {
      await page.goto(at(host));
      await page.evaluate((url) => fetch(url, { credentials: 'include' }).catch(() => {}), world.betterAuthUrl);
      return world.logged.filter((line) => line.includes(`"origin":"${at(host)}"`));
    };
    expect(await ask('other.localhost')).toEqual([expect.stringContaining('which is another site')]);
    expect(await ask('stranger.localhost')).toEqual([expect.stringContaining('may not call')]);
    expect(await ask('app.dev.localhost')).toEqual([]);
    complaints.length = 0;
  });
});
