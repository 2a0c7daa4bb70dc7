import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Instant } from '../../src/base/clock.ts';
import { totpCode, totpStep } from '../../src/core/factors/totp.ts';
import { bundle, chromiumIsThere, launchChromium } from '../kit/chromium.ts';
import { type HexclaveProject, stageOf } from '../kit/hexclave.ts';
import { type StaticSite, staticSite } from '../kit/static-site.ts';
import { createWorld, type World } from '../kit/world.ts';

const ada = 'ada@example.com';
const password = 'correct horse';
const newPassword = 'another horse';
const grace = 'grace@example.com';

/** A component that is on the page while its person signs out asks for them before it is taken away. */
const askedOnceMore = ['CANNOT_GET_OWN_USER_WITHOUT_USER', 'USER_AUTHENTICATION_REQUIRED'];

const soon = { timeout: 10_000 };

describe.skipIf(!chromiumIsThere())('The unmodified React components in Chromium', () => {
  let world: World;
  let project: HexclaveProject;
  let site: StaticSite;
  let chromium: Browser;
  let page: Page;
  /** What an application's developer would see as wrong: requests, errors of the page and the console, alerts. */
  let troubles: string[] = [];
  /** Errors that the test wants. */
  let explained: readonly string[] = [];
  /** What the page asked the server for, as `GET /users/me`. */
  const asked = new Set<string>();

  beforeAll(async () => {
    world = await createWorld({ hostname: 'localhost', startIso: new Date().toISOString() });
    project = await stageOf(() => world).project({
      'auth.otp.allowSignIn': true,
      'auth.passkey.allowSignIn': true,
      'teams.allowClientTeamCreation': true,
      'users.allowClientUserDeletion': true,
      'apiKeys.enabled.user': true,
      'apiKeys.enabled.team': true,
    });
    site = await staticSite(await bundle(join(import.meta.dirname, 'hexclave-react-page.ts')), {
      baseUrl: `${world.url}/hexclave`,
      projectId: project.id,
      publishableClientKey: project.keys.publishable,
    });
    chromium = await launchChromium();
    page = await newPage();
  });
  afterAll(async () => {
    await chromium?.close();
    await site?.close();
    await world?.close();
  });
  // The client compares times of the server with its own.
  beforeEach(() => void world.clock.advance(Date.now() - world.clock.now()));
  afterEach(() => {
    const found = troubles;
    troubles = [];
    explained = [];
    expect(found).toEqual([]);
  });

  async function newPage(): Promise<Page> {
    const context = await chromium.newContext();
    // The library of the payments form comes from elsewhere, whether a form is shown or not.
    await context.route('https://js.stripe.com/**', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: '' }),
    );
    const opened = await context.newPage();
    opened.setDefaultTimeout(8000);
    opened.on('pageerror', (fault) => troubles.push(`page: ${fault}`));
    opened.on('console', (message) => {
      if (message.type() === 'error') troubles.push(`console: ${message.text()}`);
    });
    opened.on('dialog', (dialog) => {
      troubles.push(`alert: ${dialog.message()}`);
      void dialog.dismiss();
    });
    opened.on('response', (response) => {
      const { pathname } = new URL(response.url());
      const headers = response.headers();
      const status = Number(headers['x-stack-actual-status'] ?? response.status());
      const error = headers['x-stack-known-error'] ?? 'no known error';
      const request = `${response.request().method()} ${pathname.replace(/^\/hexclave\/api\/(?:v1|latest)/, '')}`;
      asked.add(request.replaceAll(/[0-9a-f-]{36}/g, ':id'));
      if (status >= 400 && !explained.includes(error)) troubles.push(`${request} answered ${status} ${error}`);
    });
    const devtools = await context.newCDPSession(opened);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return opened;
  }

  /** Again where the page was on a way of its own. */
  const go = (url: string) => vi.waitFor(() => page.goto(url), soon);
  const at = (path: string) => go(`${site.origin}${path}`);
  const handler = (name: string) => at(`/handler/${name}`);
  const settings = (name: string) => handler(`account-settings#${name}`);
  /** What is said on the page; a menu stands there twice, for narrow windows and for wide ones. */
  const says = (text: string | RegExp) => page.getByText(text).filter({ visible: true }).first().waitFor();
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: true }).filter({ visible: true }).last();
  const press = (name: string | RegExp) => button(name).click();
  const fill = (selector: string, value: string) => page.locator(selector).filter({ visible: true }).last().fill(value);
  const choose = async (item: string) => {
    await page.getByRole('menuitem', { name: item }).click();
  };
  /** The row of a table that says something, by its menu. */
  const openMenuOf = (text: string) =>
    page.getByRole('row').filter({ hasText: text, visible: true }).getByRole('button', { name: 'Open menu' }).click();
  const linkIn = async (to: string): Promise<string> => {
    const [mail] = await project.mails(to);
    const link = mail?.text.split(/\s/).find((word) => word.startsWith(site.origin));
    if (!link) throw new Error(`no link in the mail to ${to}`);
    return link;
  };
  /** A text beside a pencil. */
  const editText = async (text: string, changed: string) => {
    const pencils = page.getByRole('button').filter({ has: page.locator('svg.lucide-square-pen'), visible: true });
    const own = page.locator('div').filter({ hasText: text, has: pencils }).last();
    await own.getByRole('button').last().click();
    await button('Save').locator('xpath=..').locator('input').fill(changed);
    await press('Save');
    await says(changed);
  };
  const serverUser = async (address: string) => {
    const { body } = await project.request(`GET /users?query=${address}`, { access: 'server' });
    return body.items[0];
  };
  const teams = async () => {
    const { id } = await serverUser(grace);
    return (await project.request(`GET /teams?user_id=${id}`, { access: 'server' })).body;
  };
  /** What somebody does makes the page ask the server for a change, which is waited for. */
  const answered = (method: 'POST' | 'PATCH', doing: () => Promise<void>) =>
    Promise.all([
      page.waitForResponse(
        (response) => response.request().method() === method && !response.url().includes('/analytics/'),
      ),
      doing(),
    ]);
  /** The client may be on its way twice, so one of two navigations is cut off. */
  const isHome = async () => {
    await expect.poll(() => page.url(), soon).toBe(`${site.origin}/`);
    await page.locator('main button').first().waitFor();
  };
  const signIn = async (secret: string) => {
    await handler('sign-in');
    await page.getByRole('tab', { name: 'Email & Password' }).click();
    await fill('#email', ada);
    await fill('#password', secret);
    await press('Sign In');
  };
  const signOut = async () => {
    await handler('sign-out');
    await isHome();
  };

  test('signs up with a password, and verifies the address by the mailed link', async () => {
    await handler('sign-up');
    await page.getByRole('tab', { name: 'Email & Password' }).click();
    await fill('#email', ada);
    await fill('#password', password);
    await fill('#repeat-password', password);
    await press('Sign Up');
    await isHome();
    await go(await linkIn(ada));
    await press('Verify');
    await says('You email has been verified!');
  });

  test('changes the profile', async () => {
    await settings('profile');
    await says('User name');
    await editText('', 'Ada Lovelace');
  });

  test('adds, verifies and chooses e-mail addresses', async () => {
    const other = 'ada@home.example.com';
    await settings('auth');
    await press('Add an email');
    await fill('input[placeholder="Enter email"]', other);
    await press('Add');
    await openMenuOf(other);
    await answered('POST', () => choose('Send verification email'));
    await go(await linkIn(other));
    await press('Verify');
    await says('You email has been verified!');
    await settings('auth');
    await openMenuOf(other);
    await choose('Use for sign-in');
    await page.getByRole('row').filter({ hasText: other }).getByText('Used for sign-in').first().waitFor();
    await openMenuOf(other);
    await choose('Set as primary');
    await page.getByRole('row').filter({ hasText: other }).getByText('Primary').first().waitFor();
    await openMenuOf(ada);
    await choose('Set as primary');
    await page.getByRole('row').filter({ hasText: ada }).getByText('Primary').first().waitFor();
    await openMenuOf(other);
    await choose('Remove');
    await page.getByRole('row').filter({ hasText: other }).first().waitFor({ state: 'detached' });
  });

  test('changes the password', async () => {
    await settings('auth');
    await press('Update password');
    await fill('#old-password', password);
    await fill('#new-password', newPassword);
    await fill('#repeat-password', newPassword);
    await press('Update Password');
    await button('Update password').waitFor();
    await signOut();
    await signIn(newPassword);
    await isHome();
  });

  test('makes a passkey and signs in with it', async () => {
    await settings('auth');
    await press('Add new passkey');
    await says('Passkey registered');
    await signOut();
    await handler('sign-in');
    await press('Sign in with Passkey');
    await isHome();
    await settings('auth');
    await press('Delete Passkey');
    await press('Disable');
    await button('Add new passkey').waitFor();
  });

  test('allows codes by mail', async () => {
    await settings('auth');
    await press('Enable OTP');
    await says('OTP/magic link sign-in is currently enabled.');
    await press('Disable OTP');
    await press('Disable');
    await button('Enable OTP').waitFor();
  });

  test('switches the second factor on, is asked for it, and switches it off', async () => {
    await page.addInitScript(() => {
      const random = crypto.getRandomValues.bind(crypto);
      crypto.getRandomValues = (array: never) => {
        const bytes = random(array) as Uint8Array;
        if (bytes.length === 20) Object.assign(globalThis, { secret: [...bytes] });
        return bytes as never;
      };
    });
    await settings('auth');
    await page.reload();
    await press('Enable MFA');
    await page.getByAltText('TOTP multi-factor authentication QR code').first().waitFor();
    const secret = Uint8Array.from((await page.evaluate('secret')) as number[]);
    // The page looks at its own clock.
    const code = () => totpCode(secret, totpStep(Date.now() as Instant));
    await fill('input[placeholder="123456"]', code());
    await says('Multi-factor authentication is currently enabled.');
    await signOut();
    explained = ['MULTI_FACTOR_AUTHENTICATION_REQUIRED'];
    await signIn(newPassword);
    await page.waitForURL(/\/handler\/mfa/);
    await page.locator('input').first().pressSequentially(code());
    await isHome();
    await settings('auth');
    await press('Disable MFA');
    await button('Enable MFA').waitFor();
  });

  test('chooses mail, ends sessions, makes keys', async () => {
    await settings('notifications');
    await answered('PATCH', () => page.getByRole('switch').filter({ visible: true }).last().click());
    await project.request('POST /auth/password/sign-in', { body: { email: ada, password: newPassword } });
    await settings('sessions');
    await says('Other Session');
    await says('Current Session');
    await press('Revoke All Other Sessions');
    await press('Confirm');
    await expect
      .poll(() => page.getByText('Other Session', { exact: true }).filter({ visible: true }).count(), soon)
      .toBe(0);
    await settings('api-keys');
    await press('Create API Key');
    await fill('#description', 'for the test');
    await press('Create');
    await says('Here is your API key.');
  });

  test('makes a team, names it, invites somebody and makes its key', async () => {
    await settings('team-creation');
    await page.reload();
    await fill('#displayName', 'Analysts');
    await press('Create');
    await says('Team display name');
    await editText('Analysts', 'Engineers');
    await fill('input[placeholder="Email"]', grace);
    await press('Invite User');
    await page.getByRole('row').filter({ hasText: grace, visible: true }).first().waitFor();
    await press('Create API Key');
    await fill('#description', 'of the team');
    await press('Create');
    await says('Here is your API key.');
  });

  test('switches to the team', async () => {
    await at('/');
    await page.getByRole('combobox').click();
    await answered('PATCH', () => page.getByRole('option', { name: 'Engineers' }).click());
    expect((await serverUser(ada)).selected_team.display_name).toBe('Engineers');
  });

  test('signs out, and chooses a forgotten password by the mailed link', async () => {
    explained = askedOnceMore;
    await at('/');
    await page.locator('main').getByRole('button').first().click();
    await Promise.all([page.waitForEvent('load'), choose('Sign out')]);
    await handler('forgot-password');
    await fill('#email', ada);
    await press('Send Email');
    await says('Email Sent!');
    await go(await linkIn(ada));
    await fill('#password', password);
    await fill('#repeat-password', password);
    await press('Reset Password');
    await says('Your password has been reset');
    await signIn(password);
    await isHome();
    await signOut();
  });

  test('somebody invited signs up by a mailed code, joins the team and leaves it', async () => {
    const invitation = await linkIn(grace);
    await handler('sign-in');
    await fill('#email', grace);
    await press('Send email');
    await page.locator('input[maxlength="6"]').first().waitFor();
    const [mail] = await project.mails(grace);
    await page
      .locator('input[maxlength="6"]')
      .first()
      .pressSequentially(/code is (\w{6})/.exec(mail!.subject)![1]!);
    await isHome();
    await go(invitation);
    await press('Join');
    await press('Go home');
    await isHome();
    const [team] = (await teams()).items;
    await settings(`team-${team.id}`);
    await says('Leave Team');
    await press('Leave team');
    await press('Leave');
    await expect.poll(async () => (await teams()).items, soon).toEqual([]);
  });

  test('deletes the account', async () => {
    explained = askedOnceMore;
    await settings('settings');
    await page.reload();
    await press('Danger zone');
    await press('Delete account');
    await press('Delete Account');
    // Whoever is gone is sent home, or to sign in by the page that they were on.
    await expect.poll(() => new URL(page.url()).pathname, soon).not.toBe('/handler/account-settings');
    expect(await serverUser(grace)).toBeUndefined();
  });

  test('shows the tool of developers', async () => {
    page = await newPage();
    await at('/');
    await page.getByRole('button').first().click();
    await press('Customize');
    await says('Customize');
  });

  test('asked for areas that are not built, and was told that there is none', () => {
    const reads = ['billing/user', 'products/user', 'products/team'].map((area) => `GET /payments/${area}/:id`);
    expect([...asked]).toEqual(expect.arrayContaining([...reads, 'GET /internal/component-versions']));
  });
});
