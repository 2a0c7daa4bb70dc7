import { expect, test } from 'vitest';
import { onOneEngine, password } from '../../kit/stage.ts';

const name = 'better-auth.last_used_login_method';

onOneEngine('The way somebody signed in last', { betterAuth: { lastLoginMethod: true } }, (stage) => {
  test('is in a cookie that pages can read, and survives signing out', async () => {
    const { browser, email } = await stage.member();
    const signedIn = await browser.post('/sign-in/email', { email, password });
    const line = signedIn.setCookies.find((each) => each.startsWith(name));
    expect(line).toMatch(/^better-auth\.last_used_login_method=email; Max-Age=2592000; Path=\/; SameSite=Lax$/);
    await browser.post('/sign-out', {});
    expect(await browser.jar.getCookieString(browser.base)).toContain(`${name}=email`);
    await browser.post('/email-otp/send-verification-otp', { email, type: 'sign-in' });
    const otp = /\b(\d{6})\b/.exec((await stage.world.mail(email)).text)![1]!;
    await browser.post('/sign-in/email-otp', { email, otp });
    expect(await browser.jar.getCookieString(browser.base)).toContain(`${name}=email-otp`);
  });

  test('is there for people with a second factor, from the first step on', async () => {
    const member = await stage.member({ verified: true, body: { username: 'ada_lovelace' } });
    const { email } = member;
    expect((await member.browser.post('/two-factor/enable', { password, method: 'otp' })).status).toBe(200);
    const browser = stage.browser();
    const shown = () => browser.cookie(name);
    const challenged = await browser.post('/sign-in/email', { email, password });
    expect([challenged.body.twoFactorRedirect, await shown()]).toEqual([true, 'email']);
    await browser.post('/sign-in/username', { username: 'ada_lovelace', password });
    expect(await shown()).toBe('username');
    await browser.post('/two-factor/send-otp');
    const code = /\b(\d{6})\b/.exec((await stage.world.mail(email)).text)![1]!;
    expect((await browser.post('/two-factor/verify-otp', { code })).status).toBe(200);
    expect(await shown()).toBe('username');
  });

  test('a refused sign-in and other writes leave it', async () => {
    const { browser, email } = await stage.member();
    for (const reply of [
      await stage.browser().post('/sign-in/email', { email, password: 'wrong' }),
      await browser.post('/update-user', { name: 'B' }),
    ]) {
      expect(reply.setCookies.filter((each) => each.startsWith(name))).toEqual([]);
    }
  });
});

onOneEngine('Unless configured', {}, (stage) => {
  test('there is no such cookie', async () => {
    const { email } = await stage.member();
    const reply = await stage.browser().post('/sign-in/email', { email, password });
    expect(reply.setCookies.join()).not.toContain(name);
  });
});
