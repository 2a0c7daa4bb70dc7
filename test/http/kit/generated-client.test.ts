import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTypes from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../../kit/world.ts';

/** Where imports find packages. */
const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'node_modules/.cache/generated-client', String(process.pid));

/** What an application would write. It compiles only while the document says all of this. */
const application = `
import createClient from 'openapi-fetch';
import type { paths } from './better-auth.ts';

type Fetch = (request: Request) => Promise<Response>;

export async function signUpAndAsk(baseUrl: string, fetch: Fetch) {
  const client = createClient<paths>({ baseUrl, fetch });
  const body = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' };
  const signedUp = await client.POST('/sign-up/email', { body });
  if (signedUp.error) throw new Error(signedUp.error.code);
  const name: string = signedUp.data.user.name;

  const session = await client.GET('/get-session');
  const userId: string | undefined = session.data?.session.userId;

  const wrong = await client.POST('/sign-in/email', { body: { email: body.email, password: 'something else' } });
  if (!wrong.error) throw new Error('signed in with a wrong password');
  const code: 'INVALID_EMAIL_OR_PASSWORD' | 'other' =
    wrong.error.code === 'INVALID_EMAIL_OR_PASSWORD' ? wrong.error.code : 'other';

  // @ts-expect-error there is no such word
  const misspelt: boolean = wrong.error.code === 'INVALID_EMAIL_OR_PASWORD';
  // @ts-expect-error a password is asked for
  void (() => client.POST('/sign-in/email', { body: { email: 'x' } }));
  return { id: signedUp.data.user.id, name, userId, code, misspelt };
}

export async function changeSomebodyElse(baseUrl: string, fetch: Fetch) {
  const client = createClient<paths>({ baseUrl, fetch });
  const { error } = await client.POST('/update-user', { body: { name: 'Eve' } });
  return error?.code === 'UNAUTHORIZED' ? error.message : null;
}
`;

const others = `
import createClient from 'openapi-fetch';
import type { paths as AxumKit } from './axumkit.ts';
import type { paths as Hexclave } from './hexclave.ts';

export async function use(axumKit = createClient<AxumKit>(), hexclave = createClient<Hexclave>()) {
  const body = { email: 'ada@example.com', password: 'correct horse' };
  const login = await axumKit.POST('/v0/auth/login', { body });
  const banned: boolean = login.error?.code === 'user:banned';
  const me = await axumKit.GET('/v0/user/me');
  const handle: string | undefined = me.data?.handle;

  const signIn = await hexclave.POST('/auth/password/sign-in', { body });
  const token: string | undefined = signIn.data?.access_token;
  // Some refusals of this API are text.
  const { error } = signIn;
  const mismatch = typeof error === 'object' && error.code === 'EMAIL_PASSWORD_MISMATCH';
  return [banned, handle, token, mismatch];
}
`;

const compilerOptions = {
  ...{ strict: true, noUncheckedIndexedAccess: true, target: 'es2022', module: 'nodenext', lib: ['es2022', 'dom'] },
  ...{ rewriteRelativeImportExtensions: true, rootDir: '.', outDir: 'out', types: [] },
};

describe('clients generated from the documents', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
    mkdirSync(folder, { recursive: true });
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    for (const dialect of ['better-auth', 'hexclave', 'axumkit']) {
      const document = await (await fetch(`${world.url}/${dialect}/openapi.json`)).json();
      write(`${dialect}.ts`, await openapiTypes(document as Parameters<typeof openapiTypes>[0]));
    }
    write('application.ts', application);
    write('others.ts', others);
    write('package.json', JSON.stringify({ type: 'module' }));
    write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  });
  afterAll(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('compile under --strict, with error codes and who is asked for what', () => {
    const compile = () => execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
    try {
      compile();
    } catch (fault) {
      expect((fault as { stdout: string }).stdout).toBe('');
      throw fault;
    }
  });

  test('and work', async () => {
    const made = (await import(pathToFileURL(join(folder, 'out/application.js')).href)) as Record<
      'signUpAndAsk' | 'changeSomebodyElse',
      (baseUrl: string, fetch: unknown) => Promise<unknown>
    >;
    const browser = world.browser();
    const told = (await made.signUpAndAsk(world.betterAuthUrl, browser.fetch)) as { id: string };
    expect(told).toMatchObject({ name: 'Ada', userId: told.id, code: 'INVALID_EMAIL_OR_PASSWORD', misspelt: false });
    expect(await made.changeSomebodyElse(world.betterAuthUrl, world.browser().fetch)).toBe('Unauthorized');
  });
});
