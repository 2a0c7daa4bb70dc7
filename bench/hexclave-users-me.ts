/**
 * `node bench/hexclave-users-me.ts [users] [seconds]`: Hexclave's GET /users/me with 16 connections over random sessions,
 * without a key, as projects are made, and with a publishable one; against Better Auth's GET /get-session. Both also in processor time for each request: that does not change with what
 * else the machine does.
 */
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { get, load, type Measured } from './load.ts';
import { seedBetterAuth, seedLatchkey, tokenOf } from './seed.ts';
import { betterAuthBase, createStage, latchkeyBase, ports, secret, signUp } from './stage.ts';

const users = Number(process.argv[2] ?? 10_000);
const seconds = Number(process.argv[3] ?? 8);
const connections = 16;
const stage = createStage();
const api = `http://127.0.0.1:${ports.latchkey}/hexclave/api/v1`;

/** Clock ticks of the whole process, all threads; 100 a second on Linux (proc(5)). */
function ticks({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** An access token for each session, as the client gets them. */
async function accessTokens(projectId: string, count: number): Promise<Record<string, string>[]> {
  const common = { 'x-hexclave-access-type': 'client', 'x-hexclave-project-id': projectId };
  const found: Record<string, string>[] = [];
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const worker = async () => {
    for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
      const reply = await fetch(`${api}/auth/sessions/current/refresh`, {
        method: 'POST',
        headers: { ...common, 'x-hexclave-refresh-token': tokenOf(number) },
      });
      const body = (await reply.json()) as { access_token: string };
      if (!body.access_token) throw new Error(`refresh answered ${JSON.stringify(body)}`);
      found.push({ ...common, 'x-hexclave-access-token': body.access_token });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return found;
}

try {
  const latchkey = await stage.latchkey();
  const betterAuth = await stage.betterAuth();
  await signUp(ports.latchkey, latchkeyBase);
  await signUp(ports.betterAuth, betterAuthBase);
  const file = join(stage.folder, 'latchkey/latchkey.db');
  seedLatchkey(file, secret, users);
  const theirs = seedBetterAuth(join(stage.folder, 'better-auth.db'), secret, users);
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(file, { timeout: 10_000 });
  const { project_id: projectId } = db.prepare('SELECT project_id FROM user LIMIT 1').get() as { project_id: string };
  const key = `pck_${tokenOf(0)}`;
  db.prepare(
    `INSERT INTO project_key (project_id, id, set_id, kind, key_hash, last4, description, created_at, updated_at)
     VALUES (?, 'bench', 'bench', 'publishable', ?, 'none', '', 0, 0)`,
  ).run(projectId, createHash('sha256').update(key).digest());
  db.close();
  const ours = await accessTokens(projectId, users);

  const among = (requests: readonly Buffer[]) => () => requests[Math.floor(Math.random() * requests.length)]!;
  const plan = {
    Latchkey: {
      ...{ port: ports.latchkey, child: latchkey },
      requests: ours.map((headers) => get('/hexclave/api/v1/users/me', headers)),
    },
    'with a key': {
      ...{ port: ports.latchkey, child: latchkey },
      requests: ours.map((headers) =>
        get('/hexclave/api/v1/users/me', { ...headers, 'x-hexclave-publishable-client-key': key }),
      ),
    },
    'Better Auth': {
      ...{ port: ports.betterAuth, child: betterAuth },
      requests: theirs.map((cookie) => get(`${betterAuthBase}/get-session`, { cookie })),
    },
  };
  const measured: Record<string, Measured & { readonly cpuMicros: number }> = {};
  for (const [name, { port, child, requests }] of Object.entries(plan)) {
    let number = 0;
    const any = among(requests);
    const once = () => (number < requests.length ? requests[number++]! : any());
    await load({ port, next: once, connections, seconds: 12 });
    const before = ticks(child);
    const result = await load({ port, next: any, connections, seconds });
    const answered = Object.values(result.statuses).reduce((sum, count) => sum + count, 0);
    measured[name] = { ...result, cpuMicros: ((ticks(child) - before) * 10_000) / answered };
  }

  console.log(`GET /users/me: ${users} users and sessions, SQLite, ${connections} connections, ${seconds} s each`);
  for (const [name, { perSecond, p50, p99, statuses, cpuMicros }] of Object.entries(measured)) {
    console.log(
      `  ${name.padEnd(12)} ${perSecond.toFixed(0).padStart(7)}/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   ${cpuMicros.toFixed(1)} µs each   ${JSON.stringify(statuses)}`,
    );
  }
  const other = measured['Better Auth']!;
  for (const name of ['Latchkey', 'with a key']) {
    const own = measured[name]!;
    const [rate, cpu] = [own.perSecond / other.perSecond, other.cpuMicros / own.cpuMicros];
    console.log(
      `  ${name} / Better Auth: ${rate.toFixed(1)} × by requests a second, ${cpu.toFixed(1)} × by processor time`,
    );
  }
} finally {
  await stage.stop();
}
