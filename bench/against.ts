/**
 * `node bench/against.ts <checkout> [rounds]`: this checkout against another one, such as the commit before a change.
 * Both servers run at once and are loaded in turns of a second, so that what else the machine does meets both. Prints the
 * median processor time of one request, and what each keeps in memory before the first one. Hashing costs next to nothing,
 * so that a sign-in shows everything beside it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { cpuMs } from './cpu.ts';
import { get, load, post } from './load.ts';
import { seedLatchkey, tokenOf } from './seed.ts';
import { latchkeyBase, secret, signUp, startArguments } from './stage.ts';

const users = 2_000;
const rounds = Number(process.argv[3] ?? 15);
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const running: ChildProcess[] = [];

interface Side {
  readonly pid: number;
  readonly port: number;
  readonly idleMb: number;
  readonly requests: Readonly<Record<string, readonly Buffer[]>>;
}

function start(checkout: string, port: number, dataDir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, startArguments(checkout), {
    cwd: checkout,
    env: {
      ...{ PATH: process.env.PATH, PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}`, DATA_DIR: dataDir },
      ...{ SECRET: secret, LIMITS: 'off', LOG_LEVEL: 'warn', HASH_MEMORY_KIB: '64', HASH_ITERATIONS: '1' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  return new Promise((ready, failed) => {
    child.stdout.on('data', (text) => String(text).includes('is ready at') && ready(child));
    child.on('exit', (code) => failed(new Error(`${checkout} ended with ${code}`)));
  });
}

async function open(checkout: string, port: number): Promise<Side> {
  const dataDir = join(folder, String(port));
  const { pid } = await start(checkout, port, dataDir);
  await new Promise((later) => setTimeout(later, 3_000));
  const idleMb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  await signUp(port, latchkeyBase);
  const file = join(dataDir, 'latchkey.db');
  const cookies = seedLatchkey(file, secret, users);
  const db = new DatabaseSync(file, { timeout: 10_000 });
  const { project_id: projectId } = db.prepare('SELECT project_id FROM user LIMIT 1').get() as { project_id: string };
  db.close();
  const common = { 'x-hexclave-access-type': 'client', 'x-hexclave-project-id': projectId };
  const tokens: Record<string, string>[] = [];
  for (let number = 1; number <= 500; number += 1) {
    const reply = await fetch(`http://127.0.0.1:${port}/hexclave/api/v1/auth/sessions/current/refresh`, {
      method: 'POST',
      headers: { ...common, 'x-hexclave-refresh-token': tokenOf(number) },
    });
    const { access_token } = (await reply.json()) as { access_token: string };
    tokens.push({ ...common, 'x-hexclave-access-token': access_token });
  }
  return {
    ...{ pid: pid!, port, idleMb },
    requests: {
      'session check': cookies.map((cookie) => get(`${latchkeyBase}/get-session`, { cookie })),
      'Hexclave users/me': tokens.map((headers) => get('/hexclave/api/v1/users/me', headers)),
      'sign-in': cookies.map((_, number) =>
        post(`${latchkeyBase}/sign-in/email`, {
          email: `user${number + 1}@bench.example`,
          password: 'correct horse battery',
        }),
      ),
    },
  };
}

/** Microseconds of processor time for one request. */
async function costOf({ pid, port }: Side, requests: readonly Buffer[]): Promise<number> {
  const next = () => requests[Math.floor(Math.random() * requests.length)]!;
  const before = cpuMs(pid)!;
  const { requests: answered, statuses } = await load({ port, next, connections: 16, seconds: 1 });
  if (Object.keys(statuses).join() !== '200') throw new Error(`answered ${JSON.stringify(statuses)}`);
  return ((cpuMs(pid)! - before) * 1000) / answered;
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

try {
  const sides = [
    await open(resolve(import.meta.dirname, '..'), 4111),
    await open(resolve(process.argv[2] ?? '.'), 4112),
  ] as const;
  console.log(`idle memory         ${sides.map(({ idleMb }) => `${idleMb.toFixed(0)} MB`).join(' against ')}`);
  for (const name of Object.keys(sides[0].requests)) {
    const costs: [number[], number[]] = [[], []];
    for (let round = -2; round < rounds; round += 1) {
      for (const at of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const cost = await costOf(sides[at], sides[at].requests[name]!);
        if (round >= 0) costs[at].push(cost);
      }
    }
    const [here, there] = [median(costs[0]), median(costs[1])];
    console.log(
      `${name.padEnd(19)} ${here.toFixed(1)} µs against ${there.toFixed(1)} µs: ${(here / there).toFixed(3)} ×`,
    );
  }
} finally {
  for (const child of running) {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
  }
  rmSync(folder, { recursive: true, force: true });
}
