import { afterAll, expect, test } from 'vitest';
import type { Browser, Reply } from '../kit/browser.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { type Member, onEveryEngine, password, type Stage } from '../kit/stage.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

onEveryEngine('what a refusal leaves behind', { providers: [fake.config()] }, (stage: Stage) => {
  const failed = async (id: string) =>
    (await stage.world.eventTypes(id)).filter((type) => type === 'account.sign_in_failed').length;

  const refusals: Readonly<Record<string, (member: Member, browser: Browser) => Promise<Reply>>> = {
    'a wrong password': ({ email }, browser) => browser.post('/sign-in/email', { email, password: 'wrong one' }),
    'the right password of somebody banned': async ({ email, id }, browser) => {
      await stage.ban(id);
      return browser.post('/sign-in/email', { email, password });
    },
    'the right password of somebody deactivated': async ({ email, id }, browser) => {
      await stage.deactivate(id);
      return browser.post('/sign-in/email', { email, password });
    },
  };

  test.each(Object.entries(refusals))('%s: an event that names the person', async (_what, attempt) => {
    const member = await stage.member();
    const reply = await attempt(member, stage.browser());
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(await failed(member.id)).toBe(1);
  });

  test('wrong passwords count: the eleventh from one network is refused, even when it is right; another network is not', async () => {
    const { email } = await stage.member();
    const browser = stage.browser();
    for (let count = 0; count < 10; count += 1) {
      expect((await browser.post('/sign-in/email', { email, password: `wrong ${count}` })).status).toBe(401);
    }
    const right = await browser.post('/sign-in/email', { email, password });
    expect([right.status, right.body.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await browser.post('/sign-in/email', { email: email.toUpperCase(), password })).status).toBe(429);
    expect((await stage.browser().post('/sign-in/email', { email, password })).status).toBe(200);
  });

  test('so do they at an address nobody has: the limit tells nothing', async () => {
    const email = stage.address();
    const browser = stage.browser();
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1)
      statuses.push((await browser.post('/sign-in/email', { email, password })).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
  });

  test('fifty wrong ones at once count as fifty: ten are tried', async () => {
    const { email } = await stage.member();
    const browser = stage.browser();
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, count) => browser.post('/sign-in/email', { email, password: `wrong ${count}` })),
    );
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(40);
  });

  test('re-proofs of a password are counted per account', async () => {
    const { browser } = await stage.member();
    const statuses: number[] = [];
    for (let count = 0; count < 21; count += 1) {
      statuses.push((await browser.post('/verify-password', { password: `wrong ${count}` })).status);
    }
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(400));
    expect(statuses[20]).toBe(429);
    expect(
      (await browser.post('/change-password', { currentPassword: password, newPassword: 'another long one' })).status,
    ).toBe(429);
  });

  test('mails to one address are few, whoever asks; the answer stays the same', async () => {
    const { email } = await stage.member();
    for (let count = 0; count < 8; count += 1) {
      expect((await stage.browser().post('/request-password-reset', { email })).status).toBe(200);
    }
    expect(await stage.world.mails(email)).toHaveLength(1 + 5);
  });

  test('a refused sign-in by a provider leaves an event and no person', async () => {
    const { email, id } = await stage.member();
    fake.answers.emails = { body: [{ email, primary: true, verified: true }] };
    fake.answers.user = { body: { id: 777_001, login: 'x' } };
    const browser = stage.browser();
    const started = await browser.post('/sign-in/social', { provider: 'github' });
    await browser.get(`/callback/github?code=x&state=${new URL(started.body.url).searchParams.get('state')}`);
    const rows = await stage.world.database!.rows('SELECT user_id FROM identity WHERE subject = ?', ['777001']);
    expect(rows).toEqual([]);
    expect(await failed(id)).toBe(1);
  });
});
