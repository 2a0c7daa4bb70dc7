import { expect, test } from 'vitest';
import { seconds } from '../../../src/base/clock.ts';
import { onOneEngine, password } from '../../kit/stage.ts';
import { appCode } from '../../kit/totp.ts';

onOneEngine('Mailed codes beside an authenticator app', { policy: { 'mfa.mailCodeForTotp': true } }, (stage) => {
  async function enrolled(verified: boolean) {
    const member = await stage.member({ verified });
    const browser = verified ? await stage.signIn(member) : member.browser;
    const { body } = await browser.post('/two-factor/enable', { password });
    const on = await browser.post('/two-factor/verify-totp', { code: appCode(stage.world.clock, body.totpURI) });
    expect(on.status).toBe(200);
    stage.world.clock.advance(seconds(30));
    return member;
  }
  const challenged = async (email: string) => {
    const browser = stage.browser();
    return { browser, ...(await browser.post('/sign-in/email', { email, password })) };
  };
  const mailedCode = async (email: string) => /\b(\d{6})\b/.exec((await stage.world.mail(email)).text)![1]!;

  test('the second step of a sign-in takes either, once', async () => {
    const { email } = await enrolled(true);
    const { browser, body } = await challenged(email);
    expect(body).toEqual({ twoFactorRedirect: true, twoFactorMethods: ['totp', 'otp'] });
    expect((await browser.post('/two-factor/send-otp')).body).toEqual({ status: true });
    const code = await mailedCode(email);
    expect((await browser.post('/two-factor/verify-otp', { code })).status).toBe(200);
    expect((await browser.get('/get-session')).body.user.email).toBe(email);
    const again = await challenged(email);
    expect((await again.browser.post('/two-factor/verify-otp', { code })).status).not.toBe(200);
  });

  test('an address that is not verified gets none', async () => {
    const { email } = await enrolled(false);
    const { browser, body } = await challenged(email);
    expect(body.twoFactorMethods).toEqual(['totp']);
    expect((await browser.post('/two-factor/send-otp')).body.code).toBe('OTP_NOT_CONFIGURED');
  });

  test('the mailbox is never both factors', async () => {
    const { email } = await enrolled(true);
    const browser = stage.browser();
    await browser.post('/email-otp/send-verification-otp', { email, type: 'sign-in' });
    const { body } = await browser.post('/sign-in/email-otp', { email, otp: await mailedCode(email) });
    expect(body.twoFactorMethods).toEqual(['totp']);
    expect((await browser.post('/two-factor/send-otp')).body.code).toBe('OTP_NOT_CONFIGURED');
  });
});
