/**
 * `node bench/event-streams.ts [streams] [events]`: what open event streams cost, and whether each of them gets every
 * event once while half of them keep reconnecting.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { createStage, ports } from './stage.ts';

const streams = Number(process.argv[2] ?? 1000);
const events = Number(process.argv[3] ?? 300);
/** Longer than the 30 s that a request may take. */
const quietSeconds = 40;
const base = `http://127.0.0.1:${ports.latchkey}/axumkit`;
const stage = createStage();

interface Reader {
  readonly ids: string[];
  lastId: string | null;
  heartbeats: number;
  connections: number;
  close(): Promise<void>;
  open(): Promise<void>;
}

function createReader(number: number): Reader {
  let hangUp = async () => {};
  const reader: Reader = {
    ids: [],
    lastId: null,
    heartbeats: 0,
    connections: 0,
    close: () => hangUp(),
    open: () =>
      new Promise((resolve, reject) => {
        const headers = {
          'x-forwarded-for': `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
          ...(reader.lastId !== null && { 'last-event-id': reader.lastId }),
        };
        const asked = request(`${base}/v0/eventstream/actions`, { agent: false, headers });
        asked.on('error', reject);
        asked.on('response', (response) => {
          if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode}`));
          reader.connections += 1;
          let rest = '';
          response.setEncoding('utf8');
          response.on('error', () => {});
          response.on('data', (chunk: string) => {
            const blocks = (rest + chunk).split('\n\n');
            rest = blocks.pop()!;
            for (const block of blocks) {
              const id = /^id: (.*)$/m.exec(block)?.[1];
              if (block === ':') reader.heartbeats += 1;
              if (id === undefined) continue;
              reader.lastId = id;
              reader.ids.push(id);
            }
          });
          const gone = new Promise<void>((done) => response.on('close', () => done()));
          hangUp = () => {
            response.destroy();
            return gone;
          };
          resolve();
        });
        asked.end();
      }),
  };
  return reader;
}

const inTurns = async (readers: readonly Reader[], work: (reader: Reader) => Promise<void>) => {
  for (let at = 0; at < readers.length; at += 50) await Promise.all(readers.slice(at, at + 50).map(work));
};

async function json(method: string, path: string, body: unknown, cookie = ''): Promise<Response> {
  const headers = { 'content-type': 'application/json', cookie };
  const reply = await fetch(`${base}${path}`, { method, headers, body: JSON.stringify(body) });
  if (reply.status >= 400) throw new Error(`${method} ${path} answered ${reply.status} ${await reply.text()}`);
  return reply;
}

async function person(): Promise<string> {
  const account = { email: 'ada@bench.example', password: 'correct horse' };
  await json('POST', '/v0/users', { ...account, handle: 'ada_bench', display_name: 'Ada' });
  const reply = await json('POST', '/v0/auth/login', account);
  return reply.headers
    .getSetCookie()
    .find((line) => line.startsWith('session_id='))!
    .split(';', 1)[0]!;
}

try {
  const server = await stage.latchkey({ TRUSTED_PROXIES: '127.0.0.1' });
  const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1024;
  const cookie = await person();
  const edit = (n: number) => json('PATCH', '/v0/user/me', { bio: `bio ${n}` }, cookie);

  // Warm: code compiled, as on a server that has run for a while.
  const early = Array.from({ length: 50 }, (_, n) => createReader(n));
  await inTurns(early, (reader) => reader.open());
  for (let n = 0; n < 50; n += 1) await edit(-n);
  await inTurns(early, (reader) => reader.close());
  await sleep(3_000);
  const before = megabytes();

  const readers = Array.from({ length: streams }, (_, n) => createReader(n));
  await inTurns(readers, (reader) => reader.open());
  await sleep(3_000);
  const opened = megabytes();
  console.log(
    `${streams} open streams: ${before.toFixed(0)} MB before, ${opened.toFixed(0)} MB after, +${(opened - before).toFixed(1)} MB`,
  );

  await sleep(quietSeconds * 1000);
  const silent = readers.filter(({ heartbeats }) => heartbeats < 2).length;
  const quiet = megabytes();
  console.log(
    `after ${quietSeconds} s of silence: ${silent} streams without two heartbeats, +${(quiet - before).toFixed(1)} MB`,
  );

  const db = new DatabaseSync(join(stage.folder, 'latchkey/latchkey.db'), { readOnly: true });
  const logged = () =>
    (db.prepare('SELECT id FROM event WHERE position IS NOT NULL ORDER BY position').all() as { id: string }[]).map(
      ({ id }) => id,
    );
  const start = logged().length;
  let most = 0;
  let writing = true;
  /** Half of the readers hang up and come back again and again. */
  const restless = readers.filter((_, n) => n % 2 === 0);
  const wandering = (async () => {
    while (writing) {
      for (let at = 0; at < restless.length && writing; at += 50) {
        await Promise.all(
          restless.slice(at, at + 50).map(async (reader) => {
            // Whoever has had nothing yet has nothing to go on from.
            if (reader.lastId === null) return;
            await reader.close();
            await reader.open();
          }),
        );
      }
      await sleep(5);
    }
  })();
  const began = performance.now();
  for (let n = 0; n < events; n += 1) {
    await edit(n);
    most = Math.max(most, megabytes());
  }
  writing = false;
  await wandering;
  const expected = logged().slice(start);
  const complete = () => readers.every(({ ids }) => ids.length >= expected.length);
  for (let n = 0; n < 300 && !complete(); n += 1) await sleep(100);
  const elapsed = (performance.now() - began) / 1000;

  const wrong = readers.filter(({ ids }) => ids.length !== expected.length || ids.some((id, n) => id !== expected[n]));
  const connections = readers.reduce((sum, reader) => sum + reader.connections, 0);
  console.log(
    `${expected.length} events to ${streams} streams in ${elapsed.toFixed(1)} s with ${connections - streams} reconnections: ` +
      `${wrong.length} streams with an event lost, doubled or out of order`,
  );
  console.log(`at most +${(most - before).toFixed(1)} MB meanwhile`);
  for (const { ids } of wrong.slice(0, 3))
    console.log(`  ${ids.length} of ${expected.length}, ${new Set(ids).size} different`);
  db.close();
  await inTurns(readers, (reader) => reader.close());
  if (wrong.length > 0 || silent > 0 || opened - before > 60) process.exitCode = 1;
} finally {
  await stage.stop();
}
