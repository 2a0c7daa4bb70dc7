/**
 * `node bench/growth.ts [few] [many] [seconds]`: what one request costs with few people in the database and with many,
 * as processor time: session checks of the same ten people, session checks of anybody, who is not in memory then, and
 * password sign-ins of anybody.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { cpuMs } from './cpu.ts';
import { get, load, post } from './load.ts';
import { seedLatchkey } from './seed.ts';
import { createStage, latchkeyBase, ports, secret, signUp } from './stage.ts';

const few = Number(process.argv[2] ?? 1_000);
const many = Number(process.argv[3] ?? 1_000_000);
const seconds = Number(process.argv[4] ?? 6);
const port = ports.latchkey;
/** How many people keep asking in the first row. */
const present = 10;

type Costs = Readonly<Record<'check, in memory' | 'check, from the store' | 'sign-in', number>>;

async function costs(people: number): Promise<Costs> {
  const stage = createStage();
  try {
    // So small that asking for anybody's session finds nothing there, and large enough for a few.
    const server = await stage.latchkey({ SESSION_CACHE_ENTRIES: String(2 * present) });
    await signUp(port, latchkeyBase);
    const cookies = seedLatchkey(join(stage.folder, 'latchkey/latchkey.db'), secret, people);
    const check = (among: number) => () =>
      get(`${latchkeyBase}/get-session`, { cookie: cookies[Math.floor(Math.random() * among)]! });
    const signIn = () =>
      post(`${latchkeyBase}/sign-in/email`, {
        email: `user${1 + Math.floor(Math.random() * people)}@bench.example`,
        password: 'correct horse battery',
      });
    const inMemory = await microseconds(server, check(present));
    const fromStore = await microseconds(server, check(people));
    const signedIn = await microseconds(server, signIn);
    return { 'check, in memory': inMemory, 'check, from the store': fromStore, 'sign-in': signedIn };
  } finally {
    await stage.stop();
  }
}

/** Processor time of the server for one request, once it is warm. */
async function microseconds(server: ChildProcess, next: () => Buffer): Promise<number> {
  await load({ port, next, connections: 16, seconds });
  const before = cpuMs(server.pid!) ?? Number.NaN;
  const { requests, statuses } = await load({ port, next, connections: 16, seconds });
  if (statuses['200'] !== requests) throw new Error(`not every request was answered well: ${JSON.stringify(statuses)}`);
  return (((cpuMs(server.pid!) ?? Number.NaN) - before) * 1000) / requests;
}

const [small, large] = [await costs(few), await costs(many)];
console.log(
  `Growth from ${few} to ${many} people, SQLite: processor time of one request, bound 1.2 × but for checks from the store`,
);
for (const name of Object.keys(small) as (keyof Costs)[]) {
  const [a, b] = [small[name], large[name]];
  console.log(
    `  ${name.padEnd(22)} ${a.toFixed(1).padStart(8)} µs   ${b.toFixed(1).padStart(8)} µs   ${(b / a).toFixed(2)} ×`,
  );
}
