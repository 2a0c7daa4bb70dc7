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
