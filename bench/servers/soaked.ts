/** A server whose clock runs ahead, for `bench/soak.ts`, which talks to it over the channel of its parent process. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Instant } from '../../src/base/clock.ts';
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config/read-config.ts';

const speed = Number(process.env.CLOCK_SPEED ?? 1);
const began = Date.now();
let ahead = 0;
const clock = { now: () => (began + (Date.now() - began) * speed + ahead) as Instant };

const { CLOCK_SPEED: _, ...env } = process.env;
const app = await compose(readConfig({ env, cwd: process.cwd() }), { clock });
await app.listen();

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
let sweeping: Promise<void> = Promise.resolve();
setInterval(() => {
  sweeping = app.sweep();
}, 5_000).unref();

process.on('message', async (order: 'memory' | 'collected' | 'years later' | 'stop') => {
  if (order === 'years later') {
    ahead += 3 * 365 * 86_400_000;
    await sweeping;
    // A sweep works off so much at a time.
    for (let round = 0; round < 20; round += 1) await app.sweep();
  }
  if (order === 'collected') collect();
  if (order === 'stop') {
    await app.close();
    process.exit(0);
  }
  process.send!({ order, rss: process.memoryUsage.rss() });
});
process.send!({ order: 'ready' });
