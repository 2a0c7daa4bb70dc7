import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumIsThere, launchChromium } from '../kit/chromium.ts';
import { createWorld, type World } from '../kit/world.ts';

interface Seen {
  readonly requests: string[];
  readonly problems: string[];
}

describe.skipIf(!chromiumIsThere())('The page of operations, in Chromium', () => {
  let world: World;
  let chromium: Browser;
  beforeAll(async () => {
    world = await createWorld({ hostname: 'localhost', contract: false });
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await world?.close();
  });

  /** Everything the page asks for, and everything the browser holds against it. */
  async function watched(options: Parameters<Browser['newPage']>[0] = {}): Promise<{ page: Page; seen: Seen }> {
    const page = await chromium.newPage(options);
    const seen: Seen = { requests: [], problems: [] };
    page.on('request', (request) => seen.requests.push(request.url()));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') seen.problems.push(message.text());
    });
    page.on('pageerror', (error) => seen.problems.push(error.message));
    return { page, seen };
  }

  test('shows the documents of every API; nothing leaves the server, and nothing is stopped by its policy', async () => {
    const { page, seen } = await watched();
    await page.goto(`${world.url}/docs?api=axumkit`);
    await page.getByText('The AxumKit API, served by Latchkey').first().waitFor();
    // It asks for the others when it has shown this one.
    const documents = ['better-auth', 'hexclave', 'axumkit'].map((name) => `${world.url}/docs/${name}.json`);
    await expect.poll(() => seen.requests, { timeout: 20_000 }).toEqual(expect.arrayContaining(documents));
    expect(seen.requests.filter((url) => !url.startsWith(`${world.url}/`) && !/^(data|blob):/.test(url))).toEqual([]);
    expect(seen.problems).toEqual([]);
    await page.close();
  }, 60_000); // five megabytes of script

  test('without scripts there is the plain list', async () => {
    const { page, seen } = await watched({ javaScriptEnabled: false });
    await page.goto(`${world.url}/docs`);
    await page.waitForURL(`${world.url}/docs/list`);
    expect(await page.textContent('main')).toContain('/sign-up/email');
    expect(seen.problems).toEqual([]);
    await page.close();
  });
});
