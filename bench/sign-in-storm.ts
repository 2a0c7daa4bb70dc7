/** `node bench/sign-in-storm.ts [seconds]`: session checks while password sign-ins saturate the hashing pool. */
import { join } from 'node:path';
import { get, load, post } from './load.ts';
import { seedLatchkey } from './seed.ts';
import { createStage, latchkeyBase, ports, secret, signUp } from './stage.ts';

const seconds = Number(process.argv[2] ?? 8);
const users = 10_000;
const stage = createStage();

try {
  await stage.latchkey();
  await signUp(ports.latchkey, latchkeyBase);
  const cookies = seedLatchkey(join(stage.folder, 'latchkey/latchkey.db'), secret, users);
  const checks = cookies.map((cookie) => get(`${latchkeyBase}/get-session`, { cookie }));
  const check = () => checks[Math.floor(Math.random() * checks.length)]!;
  const signIn = () => {
    const number = 1 + Math.floor(Math.random() * users);
    return post(`${latchkeyBase}/sign-in/email`, {
      email: `user${number}@bench.example`,
      password: 'correct horse battery',
    });
  };
  await load({ port: ports.latchkey, next: check, connections: 16, seconds: 3 });
  const calm = await load({ port: ports.latchkey, next: check, connections: 4, seconds });
  const [storm, signIns] = await Promise.all([
    load({ port: ports.latchkey, next: check, connections: 4, seconds }),
    load({ port: ports.latchkey, next: signIn, connections: 64, seconds }),
  ]);
  console.log(`Session checks (4 connections) while 64 connections sign in, ${seconds} s each`);
  console.log(
    `  calm     ${calm.perSecond.toFixed(0)}/s   p50 ${calm.p50.toFixed(2)} ms   p99 ${calm.p99.toFixed(2)} ms`,
  );
  console.log(
    `  storm    ${storm.perSecond.toFixed(0)}/s   p50 ${storm.p50.toFixed(2)} ms   p99 ${storm.p99.toFixed(2)} ms   ${JSON.stringify(storm.statuses)}`,
  );
  console.log(
    `  sign-ins ${signIns.perSecond.toFixed(0)}/s   p99 ${signIns.p99.toFixed(0)} ms   ${JSON.stringify(signIns.statuses)}`,
  );
} finally {
  await stage.stop();
}
