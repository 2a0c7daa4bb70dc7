import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, type TestDatabase } from '../kit/engines.ts';
import { callsOf } from '../kit/faulty-server.ts';
import { freePort } from '../kit/free-port.ts';
import { createInstallation, type Installation } from '../kit/installation.ts';
import { type RoundRobin, roundRobin } from '../kit/round-robin.ts';

const postgres = engines.find(({ name }) => name === 'postgres');

describe.skipIf(!postgres)('Two nodes behind a proxy that watches /readyz', () => {
  let database: TestDatabase;
  let proxy: RoundRobin;
  const nodes: { installation: Installation; server: Awaited<ReturnType<Installation['serve']>> }[] = [];

  beforeAll(async () => {
    database = await postgres!.create();
    if (database.config.engine !== 'postgres') throw new Error('not PostgreSQL');
    const { url, schema } = database.config;
    const own = { LIMITS: 'off', SECRET: 'one secret for both nodes of this test, 48 bytes', DRAIN_SECONDS: '1' };
    const installations = [
      await createInstallation({ DATABASE_URL: url, DATABASE_SCHEMA: schema, ...own }),
      await createInstallation({ DATABASE_URL: url, DATABASE_SCHEMA: schema, ...own }),
    ];
    proxy = await roundRobin(installations.map(({ url }) => url));
    for (const installation of installations)
      nodes.push({ installation, server: await installation.serve({ PUBLIC_URL: proxy.url }) });
  });
  afterAll(async () => {
    await proxy?.close();
    for (const { installation } of nodes) await installation.remove();
    await database?.drop();
  });

  test('one is told to stop while people sign in: no request fails', async () => {
    const calls = callsOf({ ...nodes[0]!.installation, url: proxy.url });
    const statuses: number[] = [];
    let stopped = false;
    const sayStatus = ({ status }: Response) => void statuses.push(status);
    await calls.until(async () => (await calls.ready()).status === 200);
    expect((await calls.signUp()).status).toBe(200);
    const person = async () => {
      while (!stopped) {
        await fetch(`${proxy.url}/better-auth/api/auth/get-session`).then(sayStatus);
        await calls.signIn['better-auth']().then(sayStatus);
      }
    };
    const people = Array.from({ length: 8 }, person);
    const [first, second] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
    const out = proxy.leftOut(first.installation.url);
    await first.server.stop();
    await out;
    stopped = true;
    await Promise.all(people);
    expect(proxy.broken).toEqual([]);
    expect(new Set(statuses)).toEqual(new Set([200]));
    for (const { installation } of [first, second]) {
      expect(proxy.answered.get(installation.url)).toBeGreaterThan(0);
    }
  });
});

describe('A stop', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await createInstallation({ DRAIN_SECONDS: '600', SHUTDOWN_SECONDS: '1' });
  });
  afterAll(() => installation.remove());

  test('waits for nobody when nobody watches /readyz, and cuts off who never finishes a request', async () => {
    const server = await installation.serve();
    const half = connect(installation.port, 'localhost');
    half.on('error', () => {});
    half.write('POST /better-auth/api/auth/sign-in/email HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n');
    await once(half, 'ready');
    expect((await fetch(`${installation.url}/healthz`)).status).toBe(200);
    await server.stop();
  });
});

describe.skipIf(process.platform === 'win32')('`npm start`', () => {
  test('ends with npm, and leaves the port free', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-npm-'));
    const port = await freePort();
    const env = { PATH: process.env.PATH, PORT: String(port), DATA_DIR: folder, HOME: folder };
    const npm = spawn('npm', ['start', '--silent'], { cwd: join(import.meta.dirname, '../..'), env });
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    npm.stdout.on('data', (text) => String(text).includes('is ready at') && resolve());
    await ready;
    npm.kill('SIGTERM');
    await once(npm, 'close');
    expect(await fetch(`http://localhost:${port}/healthz`).catch(() => 'nobody')).toBe('nobody');
    rmSync(folder, { recursive: true });
  });
});
