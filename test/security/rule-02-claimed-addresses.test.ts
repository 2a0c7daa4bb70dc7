import { describe, expect, test } from 'vitest';
import type { Browser } from '../kit/browser.ts';
import { onEveryEngine, type Stage, tokenIn } from '../kit/stage.ts';

/** Each way in which the holder of a mailbox shows, for the first time, that it is theirs. */
const proofs: Readonly<Record<string, (stage: Stage, owner: Browser, email: string) => Promise<void>>> = {
  async 'a magic link'(stage, owner, email) {
    await owner.post('/sign-in/magic-link', { email });
    const [link] = (await stage.world.mail(email)).links;
    expect((await owner.get(link!)).status).toBe(302);
  },
  async 'a mailed code'(stage, owner, email) {
    await owner.post('/email-otp/send-verification-otp', { email, type: 'sign-in' });
    const otp = (await stage.world.mail(email)).text.match(/\b\d{6}\b/)![0];
    expect((await owner.post('/sign-in/email-otp', { email, otp })).status).toBe(200);
  },
  async 'a password reset by link'(stage, owner, email) {
    await owner.post('/request-password-reset', { email, redirectTo: '/reset' });
    const token = new URL((await stage.world.mail(email)).links[0]!).pathname.split('/').at(-1)!;
    expect((await owner.post('/reset-password', { token, newPassword: 'the owner chose this' })).status).toBe(200);
  },
  async 'a password reset by code'(stage, owner, email) {
    await owner.post('/email-otp/send-verification-otp', { email, type: 'forget-password' });
    const otp = (await stage.world.mail(email)).text.match(/\b\d{6}\b/)![0];
    const reset = await owner.post('/email-otp/reset-password', { email, otp, password: 'the owner chose this' });
    expect(reset.status).toBe(200);
  },
};

onEveryEngine('an address that a stranger registered, claimed by its owner', {}, (stage) => {
  for (const [proof, prove] of Object.entries(proofs)) {
    describe(`by ${proof}`, () => {
      test('the change of address that the stranger had begun is over', async () => {
        const squatter = await stage.member({});
        const evil = stage.address();
        expect((await squatter.browser.post('/change-email', { newEmail: evil })).status).toBe(200);
        const change = tokenIn((await stage.world.mail(evil)).links[0]!);

        const owner = stage.browser();
        await prove(stage, owner, squatter.email);

        const followed = await stage.browser().get(`/verify-email?token=${change}`);
        expect([followed.status, followed.body?.code]).toEqual([401, 'INVALID_TOKEN']);
        const account = await stage.world.app.mainProject.store.read.users.find(squatter.id);
        expect(account?.email).toMatchObject({ value: squatter.email });
        expect(account?.email?.verifiedAt).not.toBeNull();
      });

      test('links that were mailed for the stranger prove nothing more', async () => {
        const squatter = await stage.member({});
        await squatter.browser.post('/send-verification-email', { email: squatter.email });
        const [link] = (await stage.world.mail(squatter.email)).links;
        await prove(stage, stage.browser(), squatter.email);
        const followed = await stage.browser().get(`/verify-email?token=${tokenIn(link!)}`);
        expect([followed.status, followed.body?.code]).toEqual([401, 'INVALID_TOKEN']);
      });
    });
  }
});
