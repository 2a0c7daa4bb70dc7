/** `node bench/sign-in.ts [seconds]`: password sign-ins per second, against what the hash alone allows. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { hash } from '@node-rs/argon2';
import { load, post } from './load.ts';
import { seedLatchkey } from './seed.ts';
import { createStage, latchkeyBase, ports, secret, signUp } from './stage.ts';

const seconds = Number(process.argv[2] ?? 8);
const users = 10_000;
const stage = createStage();

/** Milliseconds of one hash with the server's costs, one after another on an idle machine. */
async function hashMs(): Promise<number> {
  const options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
  await hash('warm', options);
  const began = performance.now();
  for (let count = 0; count < 40; count += 1) await hash(`password ${count}`, options);
  return (performance.now() - began) / 40;
}

try {
  const oneHash = await hashMs();
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
  const measured = await load({ port: ports.latchkey, next, connections: 32, seconds });
  const bound = availableParallelism() / (oneHash / 1000);
  console.log(`Password sign-in: ${users} users, SQLite, 32 connections, ${seconds} s`);
  console.log(
    `  one hash          ${oneHash.toFixed(1)} ms, so ${availableParallelism()} cores allow ${bound.toFixed(0)}/s`,
  );
  console.log(
    `  Latchkey          ${measured.perSecond.toFixed(0)}/s   p99 ${measured.p99.toFixed(0)} ms   ${JSON.stringify(measured.statuses)}`,
  );
  console.log(`  Latchkey / bound  ${(measured.perSecond / bound).toFixed(2)}`);
} finally {
  await stage.stop();
}
