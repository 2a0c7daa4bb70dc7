import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { refusal } from '../../kit/organization.ts';
import { aPerson, signedIn } from '../../kit/people.ts';
import { removeScratch, scratchFolder } from '../../kit/scratch-folder.ts';
import { onOneEngine, otherPassword, password, tokenIn } from '../../kit/stage.ts';

const folder = scratchFolder('breached-http');
afterAll(() => removeScratch(folder));
const breached = 'password1234';
const breachedPasswords = join(folder, 'sums.txt');
writeFileSync(breachedPasswords, `${createHash('sha1').update(breached).digest('hex').toUpperCase()}:42\n`);

onOneEngine('Passwords known from breaches', { breachedPasswords }, (stage) => {
  const compromised = [400, 'PASSWORD_COMPROMISED'];

  test('nobody takes one: at sign-up, by a change, a reset, an administrator', async () => {
    const signUp = { email: stage.address(), password: breached, name: 'Ada' };
    expect(refusal(await stage.browser().post('/sign-up/email', signUp))).toEqual(compromised);
    const { browser, email, id } = await stage.member();
    const change = (newPassword: string) =>
      browser.post('/change-password', { currentPassword: password, newPassword });
    expect(refusal(await change(breached))).toEqual(compromised);
    expect((await change(otherPassword)).status).toBe(200);

    await stage.browser().post('/request-password-reset', { email });
    const token = tokenIn((await stage.world.mail(email)).links[0]!);
    const reset = (newPassword: string) => stage.browser().post('/reset-password', { newPassword, token });
    expect(refusal(await reset(breached))).toEqual(compromised);
    expect((await reset(password)).status).toBe(200);

    await aPerson(stage.world, { email: 'admin@example.com', roles: ['admin'] });
    const admin = await signedIn(stage.world, 'admin@example.com');
    const set = { userId: id, newPassword: breached };
    expect(refusal(await admin.post('/admin/set-user-password', set))).toEqual(compromised);
    const made = { email: stage.address(), name: 'B', password: breached };
    expect(refusal(await admin.post('/admin/create-user', made))).toEqual(compromised);
  });

  test('on every API', async () => {
    const ask = (url: string, payload: object, headers: Record<string, string> = {}) =>
      stage.world.app.http.inject({ method: 'POST', url, payload, headers });
    const axumkit = await ask('/axumkit/v0/users', {
      ...{ email: 'c@example.com', handle: 'carol', display_name: 'Carol', password: breached },
    });
    expect(axumkit.statusCode).toBe(400);
    const allowed = await ask('/axumkit/v0/users', {
      ...{ email: 'c@example.com', handle: 'carol', display_name: 'Carol', password },
    });
    expect(allowed.statusCode).toBeLessThan(300);
  });
});
