import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumIsThere, launchChromium } from '../kit/chromium.ts';
import { createWorld, type World } from '../kit/world.ts';

describe.skipIf(!chromiumIsThere())('The page of a sign-in link, in Chromium', () => {
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

  test.each([
    ['with the cookies of an earlier visit', true],
    ['that was never here', false],
  ])('the button signs a browser in %s, and leads to an application on another origin', async (_, visited) => {
    const email = `ada-${visited}@example.com`;
    const asking = world.browser();
    await asking.post('/sign-in/magic-link', { email, callbackURL: `${home}/welcome` });
    const [link] = (await world.mail(email)).links;

    const page = await (await chromium.newContext()).newPage();
    if (visited) {
      await page.context().addCookies([{ name: 'better-auth.session_token', value: 'old', url: world.url }]);
    }
    await page.goto(link!);
    expect(await page.textContent('main')).toContain(email);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${home}/welcome`);
    const names = (await page.context().cookies()).map(({ name, value }) => (value === 'old' ? 'old' : name));
    expect(names).toContain('better-auth.session_token');
  });
});
