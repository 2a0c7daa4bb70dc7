/** `node bench/session-check.ts [users] [seconds]`: GET /get-session with 16 connections over random sessions. */
import { join } from 'node:path';
import { cpuMs } from './cpu.ts';
import { get, load, type Measured } from './load.ts';
import { seedBetterAuth, seedLatchkey } from './seed.ts';
import { betterAuthBase, createStage, latchkeyBase, ports, secret, signUp } from './stage.ts';

const users = Number(process.argv[2] ?? 100_000);
const seconds = Number(process.argv[3] ?? 8);
const connections = 16;
const stage = createStage();

try {
  const latchkey = await stage.latchkey();
  const betterAuth = await stage.betterAuth();
  await signUp(ports.latchkey, latchkeyBase);
  await signUp(ports.betterAuth, betterAuthBase);
  const ours = seedLatchkey(join(stage.folder, 'latchkey/latchkey.db'), secret, users);
  const theirs = seedBetterAuth(join(stage.folder, 'better-auth.db'), secret, users);
  const sample = await fetch(`http://127.0.0.1:${ports.latchkey}${latchkeyBase}/get-session`, {
    headers: { cookie: ours[0]! },
  });
  const bare = await stage.bare(Buffer.from(await sample.arrayBuffer()));

  const among = (base: string, cookies: readonly string[]) => {
    const requests = cookies.map((cookie) => get(`${base}/get-session`, { cookie }));
    return () => requests[Math.floor(Math.random() * requests.length)]!;
  };
  /** Each session once, however long it takes. */
  async function askOnce(port: number, base: string, cookies: readonly string[], then: () => Buffer) {
    let number = 0;
    const next = () => (number < cookies.length ? get(`${base}/get-session`, { cookie: cookies[number++]! }) : then());
    while (number < cookies.length) await load({ port, next, connections, seconds: 2 });
  }
  const plan = {
    'bare node:http': { port: ports.bare, process: bare, next: among(latchkeyBase, ours) },
    Latchkey: { port: ports.latchkey, process: latchkey, next: among(latchkeyBase, ours) },
    'Better Auth': { port: ports.betterAuth, process: betterAuth, next: among(betterAuthBase, theirs) },
  };
  const measured: Record<string, Measured> = {};
  /** Microseconds of processor time for one request. */
  const cpu: Record<string, number> = {};
  for (const [name, { port, process, next }] of Object.entries(plan)) {
    // Warm: code compiled, caches as they are on a server that has run for a while.
    if (name === 'Latchkey') await askOnce(port, latchkeyBase, ours, next);
    await load({ port, next, connections, seconds: 12 });
    const before = cpuMs(process.pid!);
    measured[name] = await load({ port, next, connections, seconds });
    cpu[name] = ((cpuMs(process.pid!) ?? Number.NaN) - (before ?? 0)) * (1000 / measured[name].requests);
  }

  console.log(`Session check: ${users} users and sessions, SQLite, ${connections} connections, ${seconds} s each`);
  for (const [name, { perSecond, p50, p99, statuses }] of Object.entries(measured)) {
    console.log(
      `  ${name.padEnd(16)} ${perSecond.toFixed(0).padStart(7)}/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   ${cpu[name]!.toFixed(1).padStart(6)} µs of processor each   ${JSON.stringify(statuses)}`,
    );
  }
  const own = measured.Latchkey!.perSecond;
  console.log(`  Latchkey / Better Auth  ${(own / measured['Better Auth']!.perSecond).toFixed(1)} ×`);
  console.log(`  Latchkey / bare         ${((100 * own) / measured['bare node:http']!.perSecond).toFixed(0)} %`);
  console.log(`  by processor time       ${((100 * cpu['bare node:http']!) / cpu.Latchkey!).toFixed(0)} %`);
} finally {
  await stage.stop();
}
