/**
 * `node bench/sign-in.ts [seconds]`: password sign-ins per second, against what the hash alone allows. Twice: cores
 * divided by the time of one hash, and hashes per second when every core has one. A hash fills 19 MiB, so cores that
 * share a memory bus slow each other down, and the second bound is the one that a machine can reach.
 */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { hash } from '@node-rs/argon2';
import { load, post } from './load.ts';
import { seedLatchkey } from './seed.ts';
import { createStage, latchkeyBase, ports, secret, signUp } from './stage.ts';

const seconds = Number(process.argv[2] ?? 8);
const users = 10_000;
const stage = createStage();

const cores = availableParallelism();

/** Hashes per second with the server's costs, so many at a time. */
async function hashesPerSecond(together: number, seconds: number): Promise<number> {
  const options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
  let done = 0;
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  const work = async () => {
    for (; elapsed() < seconds; done += 1) await hash(`password ${done}`, options);
  };
  await Promise.all(Array.from({ length: together }, work));
  return done / elapsed();
}

try {
  await stage.latchkey();
  await signUp(ports.latchkey, latchkeyBase);
  seedLatchkey(join(stage.folder, 'latchkey/latchkey.db'), secret, users);
  const next = () => {
    const number = 1 + Math.floor(Math.random() * users);
    return post(`${latchkeyBase}/sign-in/email`, {
      email: `user${number}@bench.example`,
      password: 'correct horse battery',
    });
  };
  await load({ port: ports.latchkey, next, connections: 32, seconds: 2 });
  // Half before and half after: what a shared machine gives changes within seconds.
  const before = [await hashesPerSecond(1, seconds / 2), await hashesPerSecond(cores, seconds / 2)] as const;
  const measured = await load({ port: ports.latchkey, next, connections: 32, seconds });
  const after = [await hashesPerSecond(1, seconds / 2), await hashesPerSecond(cores, seconds / 2)] as const;
  const [alone, together] = [(before[0] + after[0]) / 2, (before[1] + after[1]) / 2];
  const bound = cores * alone;
  console.log(`Password sign-in: ${users} users, SQLite, 32 connections, ${seconds} s`);
  console.log(
    `  one hash          ${(1000 / alone).toFixed(1)} ms, so ${cores} cores would allow ${bound.toFixed(0)}/s`,
  );
  console.log(`  ${cores} at a time       ${together.toFixed(0)}/s`);
  console.log(
    `  Latchkey          ${measured.perSecond.toFixed(0)}/s   p99 ${measured.p99.toFixed(0)} ms   ${JSON.stringify(measured.statuses)}`,
  );
  console.log(`  Latchkey / (cores / one hash)       ${(measured.perSecond / bound).toFixed(2)}`);
  console.log(`  Latchkey / hashes on all the cores  ${(measured.perSecond / together).toFixed(2)}`);
} finally {
  await stage.stop();
}
