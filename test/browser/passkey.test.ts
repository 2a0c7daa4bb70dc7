import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAuthenticator, bundle, chromiumIsThere, launchChromium } from '../kit/chromium.ts';
import { createWorld, type World } from '../kit/world.ts';

// biome-ignore lint/suspicious/noExplicitAny: the client lives in the page
type InPage = any;

describe.skipIf(!chromiumIsThere())('Passkeys in Chromium, through the unmodified client', () => {
  let world: World;
  let chromium: Browser;
  let page: Page;
  let script: string;

  beforeAll(async () => {
    world = await createWorld({ hostname: 'localhost' });
    script = await bundle(join(import.meta.dirname, 'passkey-page.ts'));
    chromium = await launchChromium();
    const context = await chromium.newContext({ bypassCSP: true });
    page = await context.newPage();
    page.on('pageerror', (fault) => console.error(fault));
    await addAuthenticator(context, page);
    await page.goto(`${world.url}/-/error?error=x`);
    await page.addScriptTag({ content: script });
  });
  afterAll(async () => {
    await chromium?.close();
    await world?.close();
  });

  const inPage = <T>(work: (auth: InPage) => Promise<T>): Promise<T> =>
    page.evaluate(`(${work.toString()})(window.auth)`) as Promise<T>;

  test('a passkey is made, and signs in without a name', async () => {
    const signedUp = await inPage((auth) =>
      auth.signUp.email({ email: 'ada@example.com', password: 'correct horse', name: 'Ada' }),
    );
    expect(signedUp).toMatchObject({ error: null });
    expect(await inPage((auth) => auth.passkey.addPasskey({ name: 'This browser' }))).not.toMatchObject({ error: {} });
    const listed = await inPage((auth) => auth.passkey.listUserPasskeys());
    expect(listed).toMatchObject({ data: [{ name: 'This browser', deviceType: expect.any(String) }] });

    await inPage((auth) => auth.signOut());
    expect(await inPage((auth) => auth.getSession())).toMatchObject({ data: null });
    await inPage((auth) => auth.signIn.passkey());
    expect(await inPage((auth) => auth.getSession())).toMatchObject({ data: { user: { email: 'ada@example.com' } } });
  });
});
