import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumIsThere, launchChromium } from '../kit/chromium.ts';
import { aPerson, password } from '../kit/people.ts';
import { appCode } from '../kit/totp.ts';
import { createWorld, type World } from '../kit/world.ts';

describe.skipIf(!chromiumIsThere())('Pages with forms, in Chromium', () => {
  let world: World;
  let chromium: Browser;
  let application: Server;
  let home: string;

  beforeAll(async () => {
    application = createServer((_request, response) => response.end('home')).listen(0, '127.0.0.1');
    await once(application, 'listening');
    home = `http://localhost:${(application.address() as AddressInfo).port}`;
    world = await createWorld({ hostname: 'localhost', policy: { 'redirects.origins': [home] } });
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    application?.close();
    await world?.close();
  });

  const aPage = async (): Promise<Page> => (await chromium.newContext()).newPage();
  const cookiesOf = async (page: Page) => (await page.context().cookies()).map(({ name }) => name);

  /** What the mailed sign-in link leads to in a browser that did not ask for it. */
  async function openLink(page: Page, email: string): Promise<void> {
    await world.browser().post('/sign-in/magic-link', { email, callbackURL: `${home}/welcome` });
    const [link] = (await world.mail(email)).links;
    await page.goto(link!);
    expect(await page.textContent('main')).toContain(email);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  test('the button of a sign-in link signs in and leads to an application on another origin', async () => {
    const page = await aPage();
    await openLink(page, 'ada@example.com');
    await page.waitForURL(`${home}/welcome`);
    expect(await cookiesOf(page)).toContain('better-auth.session_token');
  });

  test('also where cookies of an earlier visit are', async () => {
    const page = await aPage();
    const earlier = { name: 'better-auth.session_token', value: 'old', url: world.url };
    await page.context().addCookies([earlier]);
    await openLink(page, 'bob@example.com');
    await page.waitForURL(`${home}/welcome`);
  });

  test('the page for the second factor leads there too', async () => {
    await aPerson(world, { email: 'carol@example.com' });
    const browser = world.browser();
    await browser.post('/sign-in/email', { email: 'carol@example.com', password });
    const { body } = await browser.post('/two-factor/enable', { password });
    await browser.post('/two-factor/verify-totp', { code: appCode(world.clock, body.totpURI) });
    world.clock.advance(30_000);
    const page = await aPage();
    await openLink(page, 'carol@example.com');
    await page.fill('#code', appCode(world.clock, body.totpURI));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${home}/welcome`);
    expect(await cookiesOf(page)).toContain('better-auth.session_token');
  });

  test('a new password is set', async () => {
    await aPerson(world, { email: 'dan@example.com' });
    await world.browser().post('/request-password-reset', { email: 'dan@example.com' });
    const page = await aPage();
    await page.goto((await world.mail('dan@example.com')).links[0]!);
    await page.fill('#password', 'another password');
    await page.fill('#again', 'another password');
    await page.getByRole('button').click();
    await page.getByText('Your new password is set').waitFor();
    const signedIn = await world
      .browser()
      .post('/sign-in/email', { email: 'dan@example.com', password: 'another password' });
    expect(signedIn.status).toBe(200);
  });
});
