import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../kit/browser.ts';
import { engines, type TestDatabase } from '../kit/engines.ts';
import { createInstallation, type Installation } from '../kit/installation.ts';

for (const engine of engines) {
  describe(`the command line beside a running server, on ${engine.name}`, () => {
    let database: TestDatabase;
    let installation: Installation;
    let server: { stop(): Promise<void> };
    let count = 0;

    beforeAll(async () => {
      database = await engine.create();
      const { config } = database;
      const place: Record<string, string> =
        config.engine === 'sqlite'
          ? { DATABASE_URL: `sqlite:${config.file}` }
          : { DATABASE_URL: config.url, DATABASE_SCHEMA: config.schema };
      installation = await createInstallation({
        ...place,
        LIMITS: 'off',
        SECRET: 'a secret of the server and of its commands, long',
      });
      server = await installation.serve();
    });
    afterAll(async () => {
      await server.stop();
      await installation.remove();
      await database.drop();
    });

    const newBrowser = () => new Browser(`${installation.url}/better-auth/api/auth`);
    const user = (args: readonly string[], stdin?: string) =>
      installation.latchkey(['user', ...args], stdin === undefined ? {} : { stdin });

    /** A signed-in browser whose session the server has in its cache. */
    async function signedIn() {
      const email = `person${++count}@example.com`;
      const browser = newBrowser();
      const { status } = await browser.post('/sign-up/email', { email, password: 'correct horse', name: 'Ada' });
      expect(status).toBe(200);
      const knowsMe = async () => (await browser.get('/get-session')).body !== null;
      expect(await knowsMe()).toBe(true);
      expect(await knowsMe()).toBe(true);
      return { email, browser, knowsMe };
    }
    const signIn = async (email: string, password: string) =>
      (await newBrowser().post('/sign-in/email', { email, password })).status;

    test('whoever is banned is signed out with their next request, and nobody else is', async () => {
      const ada = await signedIn();
      const bob = await signedIn();
      expect((await user(['ban', ada.email, '--reason', 'Spam'])).code).toBe(0);
      expect(await ada.knowsMe()).toBe(false);
      expect(await bob.knowsMe()).toBe(true);
      expect(await signIn(ada.email, 'correct horse')).toBe(403);
      await user(['unban', ada.email]);
      expect(await signIn(ada.email, 'correct horse')).toBe(200);
    });

    test('a password set here ends every session, and the new one opens', async () => {
      const ada = await signedIn();
      expect((await user(['reset-password', ada.email, '--password-stdin'], 'battery staple\n')).code).toBe(0);
      expect(await ada.knowsMe()).toBe(false);
      expect(await signIn(ada.email, 'correct horse')).toBe(401);
      expect(await signIn(ada.email, 'battery staple')).toBe(200);
    });

    test('a printed link sets a password once, and proves no mailbox', async () => {
      const ada = await signedIn();
      const { stdout } = await user(['reset-password', ada.email]);
      const link = new URL(stdout.trim());
      expect(link.href.startsWith(`${installation.url}/-/reset-password?token=`)).toBe(true);
      const send = () =>
        fetch(new URL('/-/reset-password', link), {
          method: 'POST',
          body: new URLSearchParams({
            token: link.searchParams.get('token')!,
            password: 'battery staple',
            again: 'battery staple',
          }),
        });
      expect((await send()).status).toBe(200);
      expect((await send()).status).toBe(400);
      expect(await signIn(ada.email, 'battery staple')).toBe(200);
      const [person] = JSON.parse((await user(['list', '--json', '--search', ada.email])).stdout);
      expect(person.emailVerified).toBe(false);
    });

    test('a person made here signs in there', async () => {
      await user(['create', 'eve@example.com', '--name', 'Eve', '--password-stdin'], 'correct horse');
      expect(await signIn('eve@example.com', 'correct horse')).toBe(200);
    });

    test('the doctor finds the server in good health', async () => {
      const { code, stdout } = await installation.latchkey(['doctor']);
      expect(stdout).toContain(`A server answers at localhost:${installation.port} and is ready`);
      expect(stdout).toContain(engine.name === 'postgres' ? 'configured as this machine is: 1' : 'Database is whole');
      expect(code).toBe(0);
    });

    test.runIf(engine.name === 'postgres')('the doctor names the settings in which a server differs', async () => {
      const { stdout } = await installation.latchkey(['doctor'], { env: { MAIL_FROM: 'other@example.com' } });
      expect(stdout).toMatch(/warn {2}The server \S+:\d+ is configured otherwise: mail\.from\n/);
    });
  });
}
