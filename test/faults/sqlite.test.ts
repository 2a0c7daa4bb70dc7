import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/core/store.ts';
import type { Engine } from '../../src/store/engine.ts';
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts';
import { type Calls, callsOf } from '../kit/faulty-server.ts';
import { createInstallation, type Installation } from '../kit/installation.ts';

describe('The thread that writes to SQLite', () => {
  let folder: string;
  let engine: Engine;
  let thread: Worker;

  const started = (worker: Worker) => {
    thread = worker;
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-writer-'));
    process.on('worker', started);
    engine = await openSqlite(join(folder, 'latchkey.db'));
    await sql`CREATE TABLE written (n INTEGER PRIMARY KEY)`.execute(engine.writer);
  });
  afterEach(async () => {
    process.off('worker', started);
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  const insert = (n: number, into: Pick<Engine['writer'], 'getExecutor'> = engine.writer) =>
    sql`INSERT INTO written VALUES (${n})`.execute(into);
  const written = async () => {
    const { rows } = await sql<{ n: number }>`SELECT n FROM written ORDER BY n`.execute(engine.reader);
    return rows.map(({ n }) => n);
  };

  test('ends while it is idle: the next write starts another one', async () => {
    await insert(1);
    await thread.terminate();
    await insert(2);
    await engine.transaction(async (trx) => void (await insert(3, trx)));
    expect(await written()).toEqual([1, 2, 3]);
  });

  test('ends while statements are under way: they are refused, and the next ones served', async () => {
    const asked = Array.from({ length: 20 }, (_, n) => insert(n).then(() => n));
    await thread.terminate();
    const said = await Promise.allSettled(asked);
    const faults = said.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    for (const fault of faults) expect(fault).toBeInstanceOf(StoreUnavailable);
    const acknowledged = said.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    await insert(100);
    expect(await written()).toEqual(expect.arrayContaining([...acknowledged, 100]));
  });

  test('ends within a transaction: nothing of it is written, by this thread or the next', async () => {
    const broken = engine.transaction(async (trx) => {
      await insert(1, trx);
      await thread.terminate();
      await insert(2, trx).catch(() => {});
      await insert(3, trx);
    });
    await expect(broken).rejects.toBeInstanceOf(StoreUnavailable);
    await insert(4);
    expect(await written()).toEqual([4]);
  });

  test('ends between the last statement and COMMIT: nothing of it is written', async () => {
    const broken = engine.transaction(async (trx) => {
      await insert(1, trx);
      await thread.terminate();
    });
    await expect(broken).rejects.toBeInstanceOf(StoreUnavailable);
    await engine.transaction(async (trx) => void (await insert(2, trx)));
    expect(await written()).toEqual([2]);
  });

  test('finds no room: nothing is half written, reads go on, and writes once there is room', async () => {
    await sql`CREATE TABLE large (bytes BLOB)`.execute(engine.writer);
    const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(engine.writer);
    await sql.raw(`PRAGMA max_page_count = ${rows[0]!.page_count + 2}`).execute(engine.writer);
    const fill = () =>
      engine.transaction(async (trx) => {
        await insert(1, trx);
        await sql`INSERT INTO large VALUES (zeroblob(100000))`.execute(trx);
      });
    await expect(fill()).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await written()).toEqual([]);
    await sql.raw('PRAGMA max_page_count = 1000000').execute(engine.writer);
    await fill();
    expect(await written()).toEqual([1]);
  });
});

describe('The file of SQLite', () => {
  let folder: string;
  let file: string;
  let engine: Engine;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-file-'));
    file = join(folder, 'latchkey.db');
    engine = await openSqlite(file);
    await sql`CREATE TABLE written (n INTEGER PRIMARY KEY)`.execute(engine.writer);
    await insert(1);
  });
  afterEach(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const insert = (n: number, into: Pick<Engine['writer'], 'getExecutor'> = engine.writer) =>
    sql`INSERT INTO written VALUES (${n})`.execute(into);
  const count = async () => (await sql`SELECT n FROM written`.execute(engine.reader)).rows.length;

  test.each(['latchkey.db', 'latchkey.db-wal'])(
    '%s is moved away: nothing is acknowledged, until it is back',
    async (name) => {
      const away = join(folder, 'away');
      renameSync(join(folder, name), away);
      await expect(insert(2)).rejects.toThrow('was deleted or replaced');
      await expect(engine.transaction(async (trx) => void (await insert(2, trx)))).rejects.toBeInstanceOf(
        StoreUnavailable,
      );
      await expect(engine.ping()).rejects.toBeInstanceOf(StoreUnavailable);
      renameSync(away, join(folder, name));
      await engine.ping();
      await engine.transaction(async (trx) => void (await insert(2, trx)));
      expect(await count()).toBe(2);
    },
  );

  test('is replaced by a copy within a transaction: it is not acknowledged, and nothing of it is written', async () => {
    const broken = engine.transaction(async (trx) => {
      await insert(2, trx);
      copyFileSync(file, join(folder, 'copy'));
      renameSync(join(folder, 'copy'), file);
    });
    await expect(broken).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await count()).toBe(1);
  });

  test('goes with its folder: nothing is acknowledged', async () => {
    rmSync(folder, { recursive: true });
    await expect(insert(2)).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(engine.ping()).rejects.toBeInstanceOf(StoreUnavailable);
  });
});

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.runIf(mayMount)('A disk that is full', () => {
  let folder: string;
  let installation: Installation;
  let calls: Calls;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]);
    installation = await createInstallation({ DATA_DIR: folder, LIMITS: 'off' });
    calls = callsOf(installation);
    await installation.serve();
    expect((await calls.signUp()).status).toBe(200);
  });
  afterAll(async () => {
    await installation?.remove();
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });

  test('writes are refused in words and reads answered; with room again, everything is', async () => {
    const ballast = join(folder, 'ballast');
    expect(() => writeFileSync(ballast, Buffer.alloc(32 * 1024 * 1024))).toThrow('ENOSPC');
    // What is left of the last page of the log takes a few.
    const statuses: number[] = [];
    await calls.until(async () => {
      const answer = await calls.signUp(`someone${statuses.length}@example.org`);
      statuses.push(answer.status);
      if (answer.status !== 503) return false;
      expect(answer.headers.get('retry-after')).toBe('2');
      expect(await answer.json()).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      return true;
    });
    expect(new Set([...statuses, 200])).toEqual(new Set([200, 503]));
    expect((await fetch(`${installation.url}/better-auth/api/auth/get-session`)).status).toBe(200);
    expect((await calls.ready()).status).toBe(200);
    await calls.alive();
    rmSync(ballast);
    await calls.until(async () => (await calls.signIn['better-auth']()).status === 200);
    for (const [n, status] of statuses.entries())
      expect((await calls.signUp(`someone${n}@example.org`)).status).toBe(status === 200 ? 422 : 200);
  });
});
