import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines, type TestDatabase } from '../kit/engines.ts';
import { type Calls, callsOf } from '../kit/faulty-server.ts';
import { createInstallation, type Installation } from '../kit/installation.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';

const postgres = engines.find(({ name }) => name === 'postgres');

describe.skipIf(!postgres)('PostgreSQL behind a cable that breaks', () => {
  let database: TestDatabase;
  let cable: TcpProxy;
  let installation: Installation;
  let server: Awaited<ReturnType<Installation['serve']>>;
  let calls: Calls;
  let projectId: string;

  beforeAll(async () => {
    database = await postgres!.createEmpty();
    if (database.config.engine !== 'postgres') throw new Error('not PostgreSQL');
    const url = new URL(database.config.url);
    cable = await tcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.hostname = '127.0.0.1';
    url.port = String(cable.port);
    installation = await createInstallation({
      ...{ DATABASE_URL: url.href, DATABASE_SCHEMA: database.config.schema, LIMITS: 'off' },
      ...{ DATABASE_CONNECT_SECONDS: '1', DATABASE_STATEMENT_SECONDS: '1' },
    });
    server = await installation.serve();
    calls = callsOf(installation);
    expect((await calls.signUp()).status).toBe(200);
    [{ id: projectId }] = (await database.rows('SELECT id FROM project')) as [{ id: string }];
  });
  afterAll(async () => {
    await cable?.restore();
    await installation?.remove();
    await cable?.close();
    await database?.drop();
  });

  /** In each API's words, and soon. */
  async function isAway(): Promise<void> {
    const began = performance.now();
    const [betterAuth, hexclave, axumkit] = await Promise.all([
      calls.signIn['better-auth'](),
      calls.signIn.hexclave(projectId),
      calls.signIn.axumkit(),
    ]);
    expect(performance.now() - began).toBeLessThan(5_000);
    for (const answer of [betterAuth, hexclave, axumkit]) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('2');
    }
    expect(await betterAuth.json()).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await hexclave.text()).toBe('The server cannot answer at the moment. Please try again later.');
    expect(await axumkit.json()).toMatchObject({ code: 'system:service_unavailable' });
    const { status, ms } = await calls.ready();
    expect(status).toBe(503);
    expect(ms).toBeLessThan(2_000);
    await calls.alive();
  }

  async function isBack(): Promise<void> {
    await calls.until(async () => (await calls.ready()).status === 200);
    for (const answer of await Promise.all([
      calls.signIn['better-auth'](),
      calls.signIn.hexclave(projectId),
      calls.signIn.axumkit(),
    ])) {
      expect(answer.ok).toBe(true);
    }
  }

  test('cut while it is idle: nobody notices', async () => {
    cable.cut();
    await calls.alive();
    await isBack();
  });

  test('cut while statements are under way: what was acknowledged is there', async () => {
    for (let round = 0; round < 5; round += 1) {
      const emails = Array.from({ length: 20 }, (_, at) => `busy-${round}-${at}@example.org`);
      const asked = emails.map((email) => calls.signUp(email));
      await calls.until(async () => cable.open() > 3);
      cable.cut();
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      expect(new Set([...statuses, 200, 503])).toEqual(new Set([200, 503]));
      await isBack();
      const kept = await database.rows(`SELECT normal FROM email WHERE normal LIKE 'busy-${round}-%'`);
      const acknowledged = emails.filter((_, at) => statuses[at] === 200);
      expect(kept.map(({ normal }) => normal)).toEqual(expect.arrayContaining(acknowledged));
    }
  });

  test('refused, and back again', async () => {
    await cable.refuse();
    await isAway();
    await cable.restore();
    await isBack();
  });

  test('hanging, and back again', async () => {
    cable.hang();
    await isAway();
    await cable.restore();
    await isBack();
  });

  test('a table that somebody locks: the answer is in time, and nothing of ours goes on waiting for the lock', async () => {
    await database.rows('BEGIN');
    await database.rows('LOCK TABLE "user" IN ACCESS EXCLUSIVE MODE');
    const began = performance.now();
    const answers = await Promise.all([calls.signUp('locked@example.org'), calls.signIn['better-auth']()]);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    const waiting = await database.rows(
      `SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pg_backend_pid() = ANY(pg_blocking_pids(pid))`,
    );
    expect(waiting).toEqual([]);
    await database.rows('COMMIT');
    await isBack();
  });

  test('the server stops in good order afterwards', async () => {
    await server.stop();
  });

  test('absent at the start: one sentence, not a stack', async () => {
    await cable.refuse();
    const { code, stderr } = await installation.latchkey(['start']);
    await cable.restore();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Nothing answers at 127\.0\.0\.1:\d+\. Start the database, or correct DATABASE_URL/);
  });
});
