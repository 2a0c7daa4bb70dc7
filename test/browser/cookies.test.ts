import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumIsThere, launchChromium } from '../kit/chromium.ts';
import { engines, type TestDatabase } from '../kit/engines.ts';
import { createWorld, type World } from '../kit/world.ts';

const person = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };

describe.skipIf(!chromiumIsThere())('Cookies in Chromium', () => {
  let database: TestDatabase;
  let chromium: Browser;
  /** One installation whose cookies are for its host, and for the domain above it. Browsers do not look at ports. */
  let host: World;
  let domain: World;

  beforeAll(async () => {
    database = await engines[0]!.create();
    const common = { database: database.config, hostname: 'id.example.test', contract: false };
    host = await createWorld(common);
    domain = await createWorld({ ...common, betterAuth: { cookieDomain: 'example.test' } });
    chromium = await launchChromium('*.example.test');
    const first = await open();
    expect(await ask(first, host, 'POST', '/sign-up/email', person)).toMatchObject({ user: { email: person.email } });
    await first.close();
  });
  afterAll(async () => {
    await chromium?.close();
    await domain?.close();
    await host?.close();
    await database?.drop();
  });

  const open = (): Promise<BrowserContext> => chromium.newContext({ bypassCSP: true });
  /** In a page of that server, as its application would. */
  async function ask(browser: BrowserContext, world: World, method: string, path: string, body?: object) {
    const page = await browser.newPage();
    await page.goto(`${world.url}/-/error?error=x`);
    const answer = await page.evaluate(
      async ([method, url, body]) => {
        const init = { method, ...(body && { body, headers: { 'content-type': 'application/json' } }) };
        return (await fetch(url, init)).json();
      },
      [method, `${world.url}/better-auth/api/auth${path}`, body ? JSON.stringify(body) : ''] as const,
    );
    await page.close();
    return answer;
  }
  const signIn = (browser: BrowserContext, world: World) => ask(browser, world, 'POST', '/sign-in/email', person);
  const who = async (browser: BrowserContext, world: World) =>
    (await ask(browser, world, 'GET', '/get-session'))?.user.email ?? null;
  const sessionCookies = async (browser: BrowserContext) =>
    (await browser.cookies()).filter(({ name }) => name.endsWith('session_token'));

  test.each([
    ['switched on', () => [host, domain] as const],
    ['switched off', () => [domain, host] as const],
  ])('after the domain was %s and back people are signed in, and out when they say so', async (_, worlds) => {
    const [before, after] = worlds();
    const browser = await open();
    await signIn(browser, before);
    await signIn(browser, after);
    expect(await who(browser, after)).toBe(person.email);
    expect(await sessionCookies(browser)).toHaveLength(1);
    await signIn(browser, before);
    expect(await who(browser, before)).toBe(person.email);
    await ask(browser, before, 'POST', '/sign-out', {});
    expect([await who(browser, before), await who(browser, after)]).toEqual([null, null]);
    expect(await sessionCookies(browser)).toEqual([]);
    await browser.close();
  });

  test('another server on another port of the host leaves them alone', async () => {
    const stranger = await createWorld({ hostname: 'id.example.test', contract: false, seed: 9, secret: 'another' });
    const browser = await open();
    await signIn(browser, host);
    expect(await who(browser, stranger)).toBeNull();
    expect(await who(browser, host)).toBe(person.email);
    await browser.close();
    await stranger.close();
  });
});
