import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { nodeArguments } from '../kit/installation.ts';

const src = resolve(import.meta.dirname, '../../src');

test.each([
  ['the server', ['main.ts']],
  ['latchkey start', ['cli/main.ts', 'start']],
])('nobody reads what %s says any more: it serves on, and stops when it is told to', async (_, [file, ...args]) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-log-'));
  const port = await freePort('localhost');
  const env = { PATH: process.env.PATH, PORT: String(port), DATA_DIR: folder, LOG_LEVEL: 'debug' };
  const server = spawn(process.execPath, [...nodeArguments, join(src, file!), ...args], { env });
  onTestFinished(() => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  server.stdout.on('data', (text) => String(text).includes('is ready at') && isReady());
  await ready;
  server.stdout.destroy();
  server.stderr.destroy();
  for (let asked = 0; asked < 3; asked += 1) {
    const answer = await fetch(`http://localhost:${port}/better-auth/api/auth/ok`);
    expect(answer.status).toBe(200);
  }
  const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text();
  expect(metrics).toMatch(/^latchkey_uncaught_faults 0$/m);
  server.kill('SIGTERM');
  expect(await once(server, 'exit')).toEqual([0, null]);
});
