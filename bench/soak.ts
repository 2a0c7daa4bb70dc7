/**
 * `node bench/soak.ts [minutes]`: a server under the usual life of its people over all three APIs, with a clock that runs
 * two hours in each second: twenty minutes are a hundred days. At the end three years pass, so that everything has ended
 * that ends. Prints memory, files, the write-ahead log and every table on the way, and fails when something is left that
 * `src/store/lifetimes.ts` says is gone, or when memory grew.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { lifetimes } from '../src/store/lifetimes.ts';
import { personTables } from '../src/store/queries/person-tables.ts';
import { pngOf } from '../test/kit/images.ts';
import { smtpServer } from '../test/kit/smtp-server.ts';
import { secret } from './stage.ts';

const minutes = Number(process.argv[2] ?? 20);
const port = 4104;
const url = `http://127.0.0.1:${port}`;
const workers = 3;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-soak-'));
const file = join(folder, 'data/latchkey.db');
const smtp = await smtpServer();
const settings = join(folder, 'latchkey.json');
writeFileSync(settings, JSON.stringify({ policy: { 'users.selfDeletion': true }, betterAuth: { anonymous: true } }));

const server: ChildProcess = fork(join(import.meta.dirname, 'servers/soaked.ts'), {
  execArgv: ['--max-semi-space-size=8'],
  env: {
    ...{ PATH: process.env.PATH, PORT: String(port), PUBLIC_URL: url, DATA_DIR: join(folder, 'data'), SECRET: secret },
    LATCHKEY_CONFIG: settings,
    ...{ LIMITS: 'off', LOG_LEVEL: 'error', SMTP_URL: smtp.url, HASH_MEMORY_KIB: '1024', CLOCK_SPEED: '7200' },
    // So few that the cache is full soon, and what grows beside it shows.
    SESSION_CACHE_ENTRIES: '2000',
  },
});
interface Said {
  readonly order: string;
  readonly rss: number;
}
const said = async (order: string): Promise<Said> => {
  for (;;) {
    const [message] = (await once(server, 'message')) as [Said];
    if (message.order === order) return message;
  }
};
const ask = (order: string): Promise<Said> => {
  const answer = said(order);
  server.send(order);
  return answer;
};
await said('ready');

const rows = (sql: string): number => {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    return Number(Object.values(db.prepare(sql).get()!)[0]);
  } finally {
    db.close();
  }
};
const megabytes = (bytes: number) => bytes / 1_048_576;
const sizeOf = (path: string) => (existsSync(path) ? statSync(path).size : 0);
const storedFiles = () =>
  existsSync(join(folder, 'data/files'))
    ? readdirSync(join(folder, 'data/files'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
        .length
    : 0;

const statuses = new Map<string, number>();
let people = 0;

/** A browser: it keeps cookies, and sends its origin. */
function browser() {
  const cookies = new Map<string, string>();
  return async (method: string, path: string, body?: object | FormData, headers: Record<string, string> = {}) => {
    const form = body instanceof FormData;
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        origin: url,
        ...(body && !form && { 'content-type': 'application/json' }),
        ...(cookies.size > 0 && { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...headers,
      },
      ...(body && { body: form ? body : JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0]!.split('=') as [string, string];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const where = `${path.split('/')[1]} ${response.status}`;
    statuses.set(where, (statuses.get(where) ?? 0) + 1);
    const text = await response.text();
    return text.startsWith('{') ? JSON.parse(text) : {};
  };
}

const password = 'correct horse battery';

/** What somebody does in an hour and in a month. */
async function life(number: number, projectId: string): Promise<void> {
  const email = `person${number}@soak.example`;
  const better = browser();
  const axum = browser();
  const hex = browser();
  const client = { 'x-hexclave-access-type': 'client', 'x-hexclave-project-id': projectId };
  const auth = '/better-auth/api/auth';

  if (number % 5 === 0) await better('POST', `${auth}/sign-in/anonymous`, {});
  if (number % 5 === 0) return;
  await better('POST', `${auth}/sign-up/email`, { email, password, name: `Person ${number}` });
  await better('POST', `${auth}/sign-in/email`, { email, password: 'a wrong one' });
  for (let visit = 0; visit < 5; visit += 1) await better('GET', `${auth}/get-session`);
  await better('POST', `${auth}/update-user`, { name: `Somebody ${number}` });
  await better('POST', `${auth}/request-password-reset`, { email });
  const { id } = await better('POST', `${auth}/organization/create`, { name: `Org ${number}`, slug: `org-${number}` });
  if (id) {
    const invited = { email: `guest${number}@soak.example`, role: 'member', organizationId: id };
    await better('POST', `${auth}/organization/invite-member`, invited);
    if (number % 2 === 0) await better('POST', `${auth}/organization/delete`, { organizationId: id });
  }

  await axum('POST', '/axumkit/v0/auth/login', { email, password });
  const form = new FormData();
  form.set('file', new Blob([await pngOf(number)], { type: 'image/png' }), 'me.png');
  await axum('POST', '/axumkit/v0/user/me/profile-image', form);
  await axum('GET', '/axumkit/v0/user/me');
  if (number % 2 === 0) await axum('POST', '/axumkit/v0/auth/logout', {});

  const signedIn = await hex('POST', '/hexclave/api/v1/auth/password/sign-in', { email, password }, client);
  const refresh = { ...client, 'x-hexclave-refresh-token': String(signedIn.refresh_token) };
  for (let visit = 0; visit < 3; visit += 1) {
    const { access_token } = await hex('POST', '/hexclave/api/v1/auth/sessions/current/refresh', undefined, refresh);
    await hex('GET', '/hexclave/api/v1/users/me', undefined, {
      ...client,
      'x-hexclave-access-token': String(access_token),
    });
  }
  // Signed in anew: the clock has run on, and deleting an account wants a recent sign-in.
  if (number % 3 === 0) {
    await better('POST', `${auth}/sign-in/email`, { email, password });
    await better('POST', `${auth}/delete-user`, { password });
  }
}

const first = browser();
await first('POST', '/better-auth/api/auth/sign-up/email', { email: 'first@soak.example', password, name: 'First' });
const db = new DatabaseSync(file, { readOnly: true });
const { project_id: projectId } = db.prepare('SELECT project_id FROM user LIMIT 1').get() as { project_id: string };
db.close();

const tables = Object.keys(lifetimes);
const counted = () => tables.map((table) => [table, rows(`SELECT count(*) FROM "${table}"`)] as const);
const memory: number[] = [];
const end = Date.now() + minutes * 60_000;
const worker = async () => {
  while (Date.now() < end) await life(++people, projectId);
};
const watch = setInterval(
  async () => {
    const { rss } = await ask('memory');
    memory.push(megabytes(rss));
    const log = megabytes(sizeOf(`${file}-wal`));
    const shown = [
      `${people} lives`,
      `memory ${megabytes(rss).toFixed(0)} MB`,
      `database ${megabytes(sizeOf(file)).toFixed(0)} MB`,
    ];
    console.log([...shown, `log ${log.toFixed(1)} MB`, `files ${storedFiles()}`].join(', '));
  },
  Math.min(30_000, minutes * 6_000),
);

await Promise.all(Array.from({ length: workers }, worker));
clearInterval(watch);
const loaded = counted();
// Jobs end, and the log is written back once nothing is written.
await new Promise((later) => setTimeout(later, 25_000));
const log = megabytes(sizeOf(`${file}-wal`));
await ask('collected');
const kept = megabytes((await ask('collected')).rss);
await ask('years later');
const ended = new Map(counted());

console.log(
  `\n${[...statuses]
    .sort()
    .map(([where, count]) => `${where}: ${count}`)
    .join(', ')}\n`,
);
const faults: string[] = [];
/** Where not every row that is there should be gone: members keep their organization, and erasing leaves an event. */
const leftOf: Readonly<Record<string, string>> = {
  organization: 'SELECT count(*) FROM organization WHERE deleted_at IS NOT NULL',
  event: 'SELECT count(*) FROM event WHERE created_at < (SELECT max(created_at) FROM event) - 400 * 86400000',
};
const users = ended.get('user')!;
for (const [table, count] of loaded) {
  const lifetime = lifetimes[table as keyof typeof lifetimes];
  console.log(
    `${table.padEnd(24)} ${String(count).padStart(7)} ${String(ended.get(table)).padStart(7)}  ${lifetime.ends}`,
  );
  // People who are there keep their pictures.
  const left = leftOf[table] === undefined ? ended.get(table)! : rows(leftOf[table]);
  if (lifetime.ends === 'swept' && table !== 'file' && left > 0) faults.push(`${table} still has rows`);
}
for (const [table, column] of personTables) {
  const orphans = rows(
    `SELECT count(*) FROM "${table}" WHERE "${column}" IS NOT NULL AND "${column}" NOT IN (SELECT id FROM "user")`,
  );
  if (orphans > 0) faults.push(`${orphans} rows of ${table} belong to nobody`);
}
const pictures = storedFiles();
if (pictures > ended.get('file')!) faults.push(`${pictures} files for ${ended.get('file')} rows`);
if (log > 4.5) faults.push(`the write-ahead log is ${log.toFixed(1)} MB`);
const [half, last] = [memory[Math.floor(memory.length / 2)] ?? 0, memory.at(-1) ?? 0];
if (last > half * 1.15 + 10) faults.push(`memory grew from ${half.toFixed(0)} to ${last.toFixed(0)} MB`);
console.log(
  `\n${users} people are left, ${pictures} files; the log was ${log.toFixed(1)} MB, memory ${last.toFixed(0)} MB under load and ${kept.toFixed(0)} MB at rest`,
);
console.log(faults.length === 0 ? 'Everything is where the list says.' : faults.join('\n'));
server.send('stop');
await once(server, 'exit');
await smtp.close();
rmSync(folder, { recursive: true, force: true });
process.exit(faults.length === 0 ? 0 : 1);
