import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from './kit/browser.ts';
import { chromiumIsThere, launchChromium } from './kit/chromium.ts';
import { freePort } from './kit/free-port.ts';
import { createInstallation, type Installation, type Served } from './kit/installation.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(sh|ts)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
  language,
  text: text!,
}));

/** A block as it stands in the README; it fails when the README no longer has it. */
function block(language: string, has: RegExp): string {
  const found = blocks.find((each) => each.language === language && has.test(each.text));
  if (!found) throw new Error(`the README has no ${language} block with ${has}`);
  return found.text;
}

/** `NAME=value npm …`: what a line gives to the command. */
const environmentOf = (line: string): Record<string, string> =>
  Object.fromEntries([...line.matchAll(/(?:^|\s)([A-Z_]+)=(\S+)(?=.* npm )/g)].map(([, name, value]) => [name, value]));

describe('The README, top to bottom, in one folder', () => {
  let installation: Installation;
  let server: Served;
  let firstLink: string;
  let applicationPort: number;
  /** Ports are what is free here; all else is as it is written. */
  const here = (text: string) =>
    text.replaceAll('localhost:3000', `localhost:${installation.port}`).replaceAll('localhost:5173', application());
  const application = () => `localhost:${applicationPort}`;
  const linkIn = ({ output }: Served) => /http:\S+\/-\/setup\?token=\w+/.exec(output())![0];

  beforeAll(async () => {
    installation = await createInstallation();
    applicationPort = await freePort('localhost');
  });
  afterAll(async () => {
    await server?.stop();
    await installation?.remove();
  });

  test('`npm start` needs nothing else, and offers the first administrator', async () => {
    expect(block('sh', /^npm ci$/m)).toMatch(/^npm start$/m);
    server = await installation.serve();
    firstLink = linkIn(server);
  });

  test('curl signs up, and asks who that is; the mail is where the README says', async () => {
    const commands = here(block('sh', /curl -c jar/));
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: installation.dataDir,
    });
    expect(stdout).toContain('"email":"ada@example.com"');
    expect(JSON.parse(stdout.slice(stdout.lastIndexOf('{"session"'))).user.email).toBe('ada@example.com');
    const mailbox = await fetch(here('http://localhost:3000/dev/mail'));
    expect(await mailbox.text()).toContain('ada@example.com');
    expect((await fetch(here('http://localhost:3000/docs'))).status).toBe(200);
  });

  test('keys for an application of Hexclave are made beside the server, and its SDK works with them', async () => {
    const line = block('sh', /project keys create/).trim();
    const { code, stdout } = await installation.latchkey(line.replace(/^npm run latchkey -- /, '').split(' '));
    expect(code).toBe(0);
    const value = (form: RegExp) => form.exec(stdout)![0];
    const snippet = block('ts', /new StackServerApp/);
    const baseUrl = here(/baseUrl: '([^']+)'/.exec(snippet)![1]!);
    const { StackServerApp } = await import('@stackframe/js');
    const app = new StackServerApp({
      baseUrl,
      projectId: value(/[0-9a-f]{8}-[0-9a-f-]{27}/),
      publishableClientKey: value(/pck_\w+/),
      secretServerKey: value(/ssk_\w+/),
      tokenStore: 'memory',
    });
    expect(
      await app.signUpWithCredential({
        email: 'bob@example.com',
        password: 'correct horse',
        noRedirect: true,
        noVerificationCallback: true,
      }),
    ).toMatchObject({ status: 'ok' });
    expect((await app.listUsers()).map(({ primaryEmail }) => primaryEmail)).toEqual(
      expect.arrayContaining(['ada@example.com', 'bob@example.com']),
    );
  });

  test('the link of the first administrator works although people have signed up, and the newest alone', async () => {
    const env = environmentOf(here(block('sh', /TRUSTED_ORIGINS/)));
    expect(env).toEqual({ TRUSTED_ORIGINS: `http://${application()}` });
    await server.stop();
    server = await installation.serve(env);
    const open = async (link: string) => (await fetch(link)).text();
    expect(await open(firstLink)).not.toContain('<form');
    const link = linkIn(server);
    expect(await open(link)).toContain('<form');
    const form = {
      token: new URL(link).searchParams.get('token')!,
      name: 'Root',
      email: 'root@example.com',
      password: 'correct horse',
    };
    const made = await fetch(here('http://localhost:3000/-/setup'), {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    expect([made.status, await made.text()]).toEqual([200, expect.stringContaining('The first administrator exists')]);
    const browser = new Browser(here('http://localhost:3000/better-auth/api/auth'));
    await browser.post('/sign-in/email', form);
    expect((await browser.get('/admin/list-users')).body.total).toBe(3);
  });

  test('every command of its table is there', async () => {
    const table = readme.slice(readme.indexOf('## Command line'), readme.indexOf('## In production'));
    const named = [...table.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) =>
      [...cell!.matchAll(/`([a-z-]+)/g)].map(([, name]) => name!),
    );
    const { stdout } = await installation.latchkey(['--help']);
    expect(named.length).toBeGreaterThan(8);
    for (const name of new Set(named))
      if (!['create', 'list', 'revoke'].includes(name)) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  });

  test.skipIf(!chromiumIsThere())('the example signs a person of another origin in, and keeps them', async () => {
    const chromium = await launchChromium();
    expect(block('sh', /^npm run example$/m)).toBeTruthy();
    const { example } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
    const [, ...args] = example.split(' ');
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, PORT: String(applicationPort), LATCHKEY_URL: here('http://localhost:3000') },
    });
    try {
      await once(child.stdout, 'data');
      const page = await (await chromium.newContext()).newPage();
      const troubles: string[] = [];
      page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
      await page.goto(here('http://localhost:5173'));
      await page.getByLabel('Name').fill('Carol');
      await page.getByLabel('E-mail').fill('carol@example.com');
      await page.getByLabel('Password').fill('correct horse');
      await page.getByRole('button', { name: 'Sign up' }).click();
      await page.locator('#who').getByText('carol@example.com').waitFor();
      await page.reload();
      await page.locator('#who').getByText('carol@example.com').waitFor();
      expect(troubles).toEqual([]);
    } finally {
      child.kill();
      await once(child, 'exit');
      await chromium.close();
    }
  });
});
