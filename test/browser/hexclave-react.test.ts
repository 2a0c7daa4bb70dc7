import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Instant } from '../../src/base/clock.ts';
import { totpCode, totpStep } from '../../src/core/factors/totp.ts';
import { bundle, chromiumIsThere, launchChromium } from '../kit/chromium.ts';
import { type FakeOAuth, startFakeOAuth } from '../kit/fake-oauth.ts';
import { type HexclaveProject, stageOf } from '../kit/hexclave.ts';
import { comesAs, ownProvider } from '../kit/hexclave-oauth.ts';
import { askedOnceMore, soon, Visitor } from '../kit/hexclave-visitor.ts';
import { type StaticSite, staticSite } from '../kit/static-site.ts';
import { createWorld, type World } from '../kit/world.ts';

const password = 'correct horse';
const newPassword = 'another horse';
const newestPassword = 'a third horse';

/** Each test is somebody else in front of a browser of their own, and four of them are there at the same time. */
describe.skipIf(!chromiumIsThere())('The unmodified React components in Chromium', { timeout: 90_000 }, () => {
  let world: World;
  let project: HexclaveProject;
  let site: StaticSite;
  let chromium: Browser;
  let ticking: NodeJS.Timeout;
  let fake: FakeOAuth;
  /** The same application at a project with little switched on. */
  let closed: { site: StaticSite; project: HexclaveProject };

  beforeAll(async () => {
    const script = bundle(join(import.meta.dirname, 'hexclave-react-page.ts'));
    const launched = launchChromium();
    fake = await startFakeOAuth();
    const providers = [fake.config()];
    world = await createWorld({ hostname: 'localhost', startIso: new Date().toISOString(), providers });
    // The client compares times of the server with its own.
    ticking = setInterval(() => world.clock.advance(Math.max(0, Date.now() - world.clock.now())), 100);
    project = await stageOf(() => world).project({
      'auth.otp.allowSignIn': true,
      'auth.passkey.allowSignIn': true,
      'teams.allowClientTeamCreation': true,
      'users.allowClientUserDeletion': true,
      'apiKeys.enabled.user': true,
      'apiKeys.enabled.team': true,
      ...ownProvider('github'),
    });
    const siteOf = async ({ id, keys }: HexclaveProject) =>
      staticSite(await script, {
        baseUrl: `${world.url}/hexclave`,
        projectId: id,
        publishableClientKey: keys.publishable,
      });
    site = await siteOf(project);
    const little = await stageOf(() => world).project({ 'auth.allowSignUp': false });
    closed = { site: await siteOf(little), project: little };
    chromium = await launched;
  });
  afterAll(async () => {
    clearInterval(ticking);
    await chromium?.close();
    await site?.close();
    await closed?.site.close();
    await fake?.close();
    await world?.close();
  });

  /** Those whom somebody left. */
  const free: Visitor[] = [];
  const open = async () => {
    const visitor = free.pop();
    await visitor?.come();
    return visitor ?? Visitor.open(chromium, site, project);
  };
  const leave = async (visitor: Visitor) => {
    await visitor.close();
    free.push(visitor);
  };
  /** Somebody with a verified address and a password, signed in by the application. */
  const known = async (email: string) => {
    const ways = { primary_email_verified: true, primary_email_auth_enabled: true, password };
    await project.request('POST /users', { access: 'server', body: { primary_email: email, ...ways } });
    const visitor = await open();
    await visitor.enter(email, password);
    return visitor;
  };
  const serverUser = async (address: string) => {
    const { body } = await project.request(`GET /users?query=${address}`, { access: 'server' });
    return body.items[0];
  };
  const teamsOf = async (address: string) => {
    const { id } = await serverUser(address);
    return (await project.request(`GET /teams?user_id=${id}`, { access: 'server' })).body.items;
  };

  async function isInvited(jean: string) {
    const visitor = await open();
    const { page, press, settings } = visitor;
    const invitation = await visitor.linkIn(jean);
    await visitor.handler('sign-in');
    await visitor.fill('#email', jean);
    await press('Send email');
    const code = page.locator('input[maxlength="6"]').first();
    await code.waitFor();
    const [mail] = await project.mails(jean);
    await code.pressSequentially(/code is (\w{6})/.exec(mail!.subject)![1]!);
    await visitor.isHome();
    await visitor.follow(invitation);
    await press('Join');
    await press('Go home');
    await visitor.isHome();
    const [team] = await teamsOf(jean);
    await settings(`team-${team.id}`);
    await visitor.says('Leave Team');
    await press('Leave team');
    // The page is loaded again.
    await Promise.all([page.waitForEvent('load'), press('Leave')]);
    await vi.waitFor(async () => expect(await teamsOf(jean)).toEqual([]), soon);

    visitor.explained = askedOnceMore;
    await settings('settings');
    await press('Danger zone');
    await press('Delete account');
    await press('Delete Account');
    // Whoever is gone is sent home, or to sign in by the page that they were on.
    await page.waitForURL((url) => url.pathname !== '/handler/account-settings', { waitUntil: 'commit' });
    expect(await serverUser(jean)).toBeUndefined();
    await leave(visitor);
  }

  describe.concurrent('passwords', () => {
    test.sequential('a password: signing up, the mailed link, the profile, signing in, another password, a forgotten one', async () => {
      const ada = 'ada@example.com';
      const visitor = await Visitor.open(chromium, site, project, { pages: true });
      const { handler, settings, press, fill, says } = visitor;
      await handler('sign-up');
      await visitor.page.getByRole('tab', { name: 'Email & Password' }).click();
      await fill('#email', ada);
      await fill('#password', password);
      await fill('#repeat-password', password);
      await press('Sign Up');
      await visitor.isHome();
      await visitor.follow(await visitor.linkIn(ada));
      await press('Verify');
      await says('You email has been verified!');

      await settings('profile');
      await says('User name');
      await visitor.editText('', 'Ada Lovelace');

      await settings('auth');
      await press('Update password');
      await fill('#old-password', password);
      await fill('#new-password', newPassword);
      await fill('#repeat-password', newPassword);
      await press('Update Password');
      await visitor.button('Update password').waitFor();
      await visitor.signOut();
      await visitor.signIn(ada, newPassword);
      await visitor.isHome();

      await visitor.page.locator('main').getByRole('button').first().click();
      await Promise.all([visitor.page.waitForEvent('load'), visitor.choose('Sign out')]);
      await handler('forgot-password');
      await fill('#email', ada);
      await press('Send Email');
      await says('Email Sent!');
      await visitor.follow(await visitor.linkIn(ada));
      await fill('#password', newestPassword);
      await fill('#repeat-password', newestPassword);
      await press('Reset Password');
      await says('Your password has been reset');
      await visitor.signIn(ada, newestPassword);
      await visitor.isHome();
      await visitor.close();
    });
  });

  describe.concurrent('credentials', () => {
    test.sequential('addresses are added, verified, chosen and removed', async () => {
      const [grace, other] = ['grace@example.com', 'grace@home.example.com'];
      const visitor = await known(grace);
      const { settings, press, fill, row, openMenuOf, choose } = visitor;
      await settings('auth');
      await press('Add an email');
      await fill('input[placeholder="Enter email"]', other);
      await press('Add');
      await openMenuOf(other);
      await visitor.answered('POST', () => choose('Send verification email'));
      await visitor.follow(await visitor.linkIn(other));
      await press('Verify');
      await visitor.says('You email has been verified!');
      await settings('auth');
      await openMenuOf(other);
      await choose('Use for sign-in');
      await row(other).getByText('Used for sign-in').first().waitFor();
      await openMenuOf(other);
      await choose('Set as primary');
      await row(other).getByText('Primary').first().waitFor();
      await openMenuOf(grace);
      await choose('Set as primary');
      await row(grace).getByText('Primary').first().waitFor();
      await openMenuOf(other);
      await choose('Remove');
      await row(other).first().waitFor({ state: 'detached' });
      await leave(visitor);
    });

    test.sequential('a passkey is made and signs in; codes by mail are allowed', async () => {
      const visitor = await known('barbara@example.com');
      const { settings, press, says, button } = visitor;
      await settings('auth');
      await press('Add new passkey');
      await says('Passkey registered');
      await visitor.signOut();
      await visitor.handler('sign-in');
      await press('Sign in with Passkey');
      await visitor.isHome();
      await settings('auth');
      await press('Delete Passkey');
      await press('Disable');
      await button('Add new passkey').waitFor();

      await press('Enable OTP');
      await says('OTP/magic link sign-in is currently enabled.');
      await press('Disable OTP');
      await press('Disable');
      await button('Enable OTP').waitFor();
      await leave(visitor);
    });

    test.sequential('the second factor is switched on, asked for, and switched off', async () => {
      const hedy = 'hedy@example.com';
      const visitor = await known(hedy);
      const { settings, press, page } = visitor;
      await page.evaluate(() => {
        const random = crypto.getRandomValues.bind(crypto);
        crypto.getRandomValues = (array: never) => {
          const bytes = random(array) as Uint8Array;
          if (bytes.length === 20) Object.assign(globalThis, { secret: [...bytes] });
          return bytes as never;
        };
      });
      await settings('auth');
      await press('Enable MFA');
      await page.getByAltText('TOTP multi-factor authentication QR code').first().waitFor();
      const secret = Uint8Array.from((await page.evaluate('secret')) as number[]);
      // The page looks at its own clock.
      const code = () => totpCode(secret, totpStep(Date.now() as Instant));
      await visitor.fill('input[placeholder="123456"]', code());
      await visitor.says('Multi-factor authentication is currently enabled.');
      await visitor.signOut();
      visitor.explained = [...askedOnceMore, 'MULTI_FACTOR_AUTHENTICATION_REQUIRED'];
      await visitor.signIn(hedy, password);
      await page.waitForURL(/\/handler\/mfa/);
      await page.locator('input').first().pressSequentially(code());
      await visitor.isHome();
      await settings('auth');
      await press('Disable MFA');
      await visitor.button('Enable MFA').waitFor();
      await leave(visitor);
    });
  });

  describe.concurrent('people', () => {
    test.sequential('mail is chosen, sessions end, keys are made', async () => {
      const joan = 'joan@example.com';
      const visitor = await known(joan);
      const { settings, press, says, page } = visitor;
      await settings('notifications');
      await visitor.answered('PATCH', () => page.getByRole('switch').filter({ visible: true }).last().click());
      await project.request('POST /auth/password/sign-in', { body: { email: joan, password } });
      await settings('sessions');
      await says('Other Session');
      await says('Current Session');
      await press('Revoke All Other Sessions');
      await press('Confirm');
      const others = page.getByText('Other Session', { exact: true }).filter({ visible: true });
      await vi.waitFor(async () => expect(await others.count()).toBe(0), soon);
      await settings('api-keys');
      await press('Create API Key');
      await visitor.fill('#description', 'for the test');
      await press('Create');
      await says('Here is your API key.');
      await leave(visitor);
    });

    test.sequential('a team is made, named, given a key and chosen; somebody invited joins it, leaves it and deletes the account', async () => {
      const [mary, jean] = ['mary@example.com', 'jean@example.com'];
      const visitor = await known(mary);
      const { settings, press, fill, says, page } = visitor;
      await settings('team-creation');
      await fill('#displayName', 'Analysts');
      await press('Create');
      await says('Team display name');
      await visitor.editText('Analysts', 'Engineers');
      await fill('input[placeholder="Email"]', jean);
      await press('Invite User');
      await visitor.row(jean).first().waitFor();
      await press('Create API Key');
      await fill('#description', 'of the team');
      await press('Create');
      await says('Here is your API key.');
      // What is not built is asked for, and there is none.
      const none = ['billing/user', 'products/user', 'products/team'].map((area) => `GET /payments/${area}/:id`);
      expect([...visitor.asked]).toEqual(expect.arrayContaining(none));
      await visitor.at('/');
      await page.getByRole('combobox').click();
      await visitor.answered('PATCH', () => page.getByRole('option', { name: 'Engineers' }).click());
      expect((await serverUser(mary)).selected_team.display_name).toBe('Engineers');
      await leave(visitor);
      await isInvited(jean);
    });

    test.sequential('there is a tool for developers', async () => {
      const visitor = await open();
      await visitor.at('/');
      await visitor.page.getByLabel('Toggle Stack Auth Dev Tools').click();
      await visitor.press('Customize');
      await visitor.says('Customize');
      await vi.waitFor(() => expect([...visitor.asked]).toContain('GET /internal/component-versions'), soon);
      await leave(visitor);
    });
  });

  describe.concurrent('from elsewhere', () => {
    test.sequential('a provider signs somebody up, and in again', async () => {
      const grete = 'grete@example.com';
      comesAs(fake, grete);
      const visitor = await open();
      const { press, says, page } = visitor;
      await press('Sign in with GitHub');
      await visitor.isHome();
      await visitor.settings('auth');
      await says(grete);
      const connected = 'getUser().then((user) => user.listConnectedAccounts())';
      expect(await visitor.client(connected)).toMatchObject([{ provider: 'github' }]);
      await visitor.signOut();
      await visitor.handler('sign-up');
      await page.getByRole('button', { name: 'Sign up with GitHub' }).click();
      await visitor.isHome();
      expect((await serverUser(grete)).oauth_providers).toHaveLength(1);
      await leave(visitor);
    });

    test.sequential('an invitation is opened by nobody and by somebody else', async () => {
      const [rosa, sofia] = ['rosa@example.com', 'sofia@example.com'];
      const made = await project.request('POST /teams', { access: 'server', body: { display_name: 'Poets' } });
      const invitation = {
        team_id: made.body.id,
        email: sofia,
        callback_url: `${site.origin}/handler/team-invitation`,
      };
      await project.request('POST /team-invitations/send-code', { access: 'server', body: invitation });
      const visitor = await known(rosa);
      const link = await visitor.linkIn(sofia);
      visitor.explained = ['TEAM_INVITATION_EMAIL_MISMATCH'];
      await visitor.follow(link);
      await visitor.says('An unknown error occurred');
      expect(await teamsOf(rosa)).toEqual([]);
      await visitor.signOut();
      await visitor.follow(link);
      await visitor.says('Sign in or create an account to join the team.');
      await visitor.press('Sign in');
      await visitor.page.waitForURL(/sign-in\?after_auth_return_to=%2Fhandler%2Fteam-invitation/, {
        waitUntil: 'commit',
      });
      await leave(visitor);
    });

    test.sequential('a program on the command line is let in by whoever is signed in', async () => {
      const visitor = await known('annie@example.com');
      const { body } = await project.request('POST /auth/cli', { body: {} });
      await visitor.follow(`${site.origin}/handler/cli-auth-confirm?login_code=${body.login_code}`);
      await visitor.press('Authorize');
      await visitor.says('CLI Authorization Successful');
      const polled = await project.request('POST /auth/cli/poll', { body: { polling_code: body.polling_code } });
      expect([polled.status, polled.body.status]).toEqual([201, 'success']);
      await leave(visitor);
    });

    test.sequential('what a project does not allow is not offered', async () => {
      const ida = 'ida@example.com';
      const ways = { primary_email_verified: true, primary_email_auth_enabled: true, password };
      await closed.project.request('POST /users', { access: 'server', body: { primary_email: ida, ...ways } });
      const visitor = await Visitor.open(chromium, closed.site, closed.project);
      const { handler, settings, says, page } = visitor;
      const text = () => page.locator('body').innerText();
      await says('Sign in to your account');
      expect(await text()).not.toMatch(/sign up|GitHub|passkey|send email/i);
      await handler('sign-up');
      await says('Sign up for new users is not enabled at the moment.');
      visitor.explained = ['VERIFICATION_CODE_NOT_FOUND'];
      await handler(`password-reset?code=${'z'.repeat(45)}`);
      await says('Invalid Password Reset Link');
      // Whoever is nobody yet is sent to sign in, and comes back.
      await settings('auth');
      await page.waitForURL(/sign-in\?after_auth_return_to/, { waitUntil: 'commit' });
      await visitor.fill('#email', ida);
      await visitor.fill('#password', password);
      await visitor.press('Sign In');
      await says('Multi-factor authentication is currently disabled.');
      expect(await text()).not.toMatch(/passkey|OTP|API keys|create a team/i);
      await settings('settings');
      await says('End your current session');
      expect(await text()).not.toMatch(/danger|delete/i);
      await visitor.close();
    });
  });
});
