import { expect, test } from 'vitest';
import type { CapturedMail } from '../../../src/core/jobs/job.ts';
import { Browser } from '../../kit/browser.ts';
import { onOneEngine, otherPassword, password, tokenIn } from '../../kit/stage.ts';
import { aProject } from '../../kit/test-config.ts';

// Mails of every project link to pages of that project; those of the first one have the shortest addresses.

const projects = [aProject(), aProject({ key: 'shop', displayName: 'Shop' })];

for (const key of ['default', 'shop'] as const) {
  const mounts = {
    'better-auth': { kind: 'path', prefix: '/better-auth', project: key },
    axumkit: { kind: 'path', prefix: '/axumkit', project: key },
  } as const;

  onOneEngine(`Pages of the project ${key}`, { projects, mounts, development: true, contract: false }, (stage) => {
    const base = key === 'default' ? '' : '/projects/shop';
    let people = 0;
    const aPerson = async () => {
      const email = `person${++people}@example.com`;
      const axum = new Browser(`${stage.world.url}/axumkit`);
      const account = { email, password, handle: `person_${people}`, display_name: 'Ada' };
      expect((await axum.post('/v0/users', account)).status).toBe(201);
      expect((await axum.post('/v0/auth/login', { email, password })).status).toBe(204);
      return { axum, email, better: new Browser(`${stage.world.url}/better-auth/api/auth`) };
    };
    /** The newest mail to somebody, as a developer finds it. */
    async function linkTo(address: string): Promise<string> {
      await stage.world.app.drainJobs();
      const kept = await fetch(`${stage.world.url}/dev/mail.json?to=${encodeURIComponent(address)}`);
      const [newest] = (await kept.json()) as CapturedMail[];
      return newest!.links[0]!;
    }
    /** Follows a link to its page, and presses the button there. */
    async function press(link: string, fields: Record<string, string> = {}): Promise<Response> {
      const page = await fetch(link);
      expect(page.status).toBe(200);
      const action = /<form method="post" action="([^"]+)"/.exec(await page.text())![1]!;
      const token = tokenIn(link);
      return fetch(new URL(action, link), { method: 'POST', body: new URLSearchParams({ token, ...fields }) });
    }
    const newPassword = { password: otherPassword, again: otherPassword };
    const opens = async (browser: Browser, email: string) =>
      (await browser.post('/v0/auth/login', { email, password: otherPassword })).status === 204;

    test('verification and change of address, as AxumKit mails them', async () => {
      const { axum, email } = await aPerson();
      const link = await linkTo(email);
      expect(new URL(link).pathname).toBe(`${base}/-/verify-email`);
      expect((await press(link)).status).toBe(200);
      expect((await axum.get('/v0/user/me')).body.is_verified).toBe(true);
      const next = `next-${email}`;
      expect((await axum.post('/v0/auth/change-email', { password, new_email: next })).status).toBe(204);
      expect((await press(await linkTo(next))).status).toBe(200);
    });

    test.each(['axumkit', 'better-auth'] as const)('a forgotten password, as %s mails it', async (dialect) => {
      const { axum, better, email } = await aPerson();
      await press(await linkTo(email));
      if (dialect === 'axumkit') await axum.post('/v0/auth/forgot-password', { email });
      else await better.post('/request-password-reset', { email });
      let link = await linkTo(email);
      // The dialect's own address goes on to the page.
      if (dialect === 'better-auth') link = (await fetch(link, { redirect: 'manual' })).headers.get('location')!;
      expect(new URL(link).pathname).toBe(`${base}/-/reset-password`);
      expect((await press(link, newPassword)).status).toBe(200);
      expect(await opens(axum, email)).toBe(true);
    });

    test('a link of one project is dead on the pages of another', async () => {
      const { email } = await aPerson();
      const link = new URL(await linkTo(email));
      link.pathname = `${key === 'default' ? '/projects/shop' : ''}/-/verify-email`;
      expect((await fetch(link)).status).toBe(400);
    });

    test('a project that is not there has no pages', async () => {
      for (const path of ['/-/reset-password', '/-/verify-email', '/-/invitation']) {
        expect((await fetch(`${stage.world.url}/projects/nowhere${path}`)).status).toBe(404);
      }
    });
  });
}
