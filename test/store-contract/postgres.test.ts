import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { uuidV7 } from '../../src/base/ids.ts';
import { systemRandom } from '../../src/base/random.ts';
import { StoreUnavailable } from '../../src/core/store.ts';
import { explainFault } from '../../src/explain-fault.ts';
import { lifetimes } from '../../src/store/lifetimes.ts';
import { openStore } from '../../src/store/open-store.ts';
import { guardedPool } from '../../src/store/postgres/guarded-pool.ts';
import { asOutage } from '../../src/store/postgres/outage.ts';
import type { PostgresConfig } from '../../src/store/postgres/postgres-config.ts';
import { qualifier } from '../../src/store/postgres/qualify-names.ts';
import { engines, type TestDatabase } from '../kit/engines.ts';
import { postgresUrl } from '../kit/postgres-run.ts';

const postgres = engines.find(({ name }) => name === 'postgres');

describe('Names of tables get their schema', () => {
  const qualify = qualifier('shop', ['session', 'user', 'email', 'file', 'instance']);

  test.each([
    [
      'select * from session s join "user" u on u.id = s.user_id',
      'select * from "shop".session s join "shop"."user" u on u.id = s.user_id',
    ],
    ['insert into "session" ("id") values ($1)', 'insert into "shop"."session" ("id") values ($1)'],
    [
      'update session set id = 1 from email e, file f where 1 = 1',
      'update "shop".session set id = 1 from "shop".email e, "shop".file f where 1 = 1',
    ],
    ['delete from session using email where x', 'delete from "shop".session using "shop".email where x'],
    ['select 1 where exists (select 1 from email)', 'select 1 where exists (select 1 from "shop".email)'],
    [
      'select (select 1 from file), 2 from email, session',
      'select (select 1 from "shop".file), 2 from "shop".email, "shop".session',
    ],
    [
      'select * from (select * from email, file) x, session',
      'select * from (select * from "shop".email, "shop".file) x, "shop".session',
    ],
    ['select * from only session', 'select * from only "shop".session'],
    [
      'insert into file select * from email on conflict do update set key = 1',
      'insert into "shop".file select * from "shop".email on conflict do update set key = 1',
    ],
  ])('%s', (statement, qualified) => {
    expect(qualify(statement)).toBe(qualified);
  });

  test.each([
    ['a column of that name', 'select email, file from other where email = $1 order by session'],
    ['a column after DISTINCT FROM', 'select 1 where a is distinct from email'],
    ['a column in a function that has FROM', 'select extract(year from session)'],
    ['a column that tables are joined by', 'select * from a join b using (email)'],
    ['a column of the table itself', 'insert into other values (1) on conflict (email) do update set n = instance.n'],
    ['a literal', `select 'from session' || $$ from email $$ || 'it''s from file'`],
    ['a comment', 'select 1 -- from session\n /* from email */'],
    ['an alias', 'select a as session, b as email from other'],
    ['a name that has its schema', 'select * from "shop"."session"'],
    ['the word USER', 'select 1 from user'],
    ['a list that is over', 'select * from other where a in (1, 2) group by email, session'],
    ['a lock', 'select * from other for update'],
  ])('%s does not', (_what, statement) => {
    expect(qualify(statement)).toBe(statement);
  });

  test('a schema of any name is quoted', () => {
    expect(qualifier('a"b', ['session'])('select 1 from session')).toBe('select 1 from "a""b".session');
  });
});

describe('A fault of PostgreSQL', () => {
  const thrown = (code: string) => Object.assign(new Error('said by the server'), { code });

  test.each([
    ['a connection that broke', '08006'],
    ['a role that may not log in', '28000'],
    ['a password that is another one now', '28P01'],
    ['a database that is gone', '3D000'],
    ['a server that only reads', '25006'],
    ['a transaction that idled for too long', '25P03'],
    ['a lock that was not to be had in time', '55P03'],
    ['a full disk', '53100'],
    ['no memory', '53200'],
    ['no connections', '53300'],
    ['a statement that took too long', '57014'],
    ['a stop', '57P01'],
    ['a file that cannot be read', '58030'],
  ])('%s is an outage', (_what, code) => {
    expect(asOutage(thrown(code))).toBeInstanceOf(StoreUnavailable);
  });

  test.each(['23505', '22021', '40001', '42601', '42P01', 'XX000'])('that is ours (%s) is none', (code) => {
    expect(asOutage(thrown(code))).not.toBeInstanceOf(StoreUnavailable);
  });

  test.each([
    [thrown('53300'), 'The database does not serve: said by the server. See that it runs'],
    [new Error('timeout exceeded when trying to connect'), 'The database does not serve: timeout exceeded'],
    [new StoreUnavailable(thrown('57P03')), 'The database does not serve: said by the server.'],
    [new StoreUnavailable(new Error('odd')), 'the database does not answer: odd'],
    [new Error('The server does not support SSL connections'), 'The connection cannot be encrypted as asked'],
    [
      Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      'The connection cannot',
    ],
  ])('%s at the start is a sentence and no stack', (fault, words) => {
    expect(explainFault(fault)).toContain(words);
    expect(explainFault(fault)).not.toContain('\n');
  });
});

describe.skipIf(!postgres)('PostgreSQL', () => {
  let database: TestDatabase;
  let config: PostgresConfig;
  const admin = new Client({ connectionString: postgresUrl });
  const role = `latchkey_test_${crypto.randomUUID().slice(0, 8)}`;
  const clock = systemClock();
  const open = (change: Partial<PostgresConfig> = {}) =>
    openStore({ ...config, ...change }, { clock, ids: uuidV7(clock, systemRandom()) });

  beforeAll(async () => {
    database = await postgres!.createEmpty();
    config = database.config as PostgresConfig;
    await admin.connect();
  });
  afterAll(async () => {
    await database.drop();
    await admin.query(`DROP ROLE IF EXISTS ${role}`);
    await admin.end();
  });

  test('a role that owns the schema and may make none installs and starts', async () => {
    await admin.query(`CREATE ROLE ${role} LOGIN`);
    await admin.query(`CREATE SCHEMA "${config.schema}" AUTHORIZATION ${role}`);
    const url = new URL(config.url);
    url.username = role;
    const store = await open({ url: url.href });
    expect((await store.migrate()).length).toBeGreaterThan(10);
    expect(await store.migrate()).toEqual([]);
    await store.close();
  });

  test('where it may not make the missing schema, the message says who may', async () => {
    const url = new URL(config.url);
    url.username = role;
    const store = await open({ url: url.href, schema: `${config.schema}_other` });
    const fault = await store.migrate().catch((thrown) => thrown);
    expect(explainFault(fault)).toMatch(
      /^PostgreSQL: permission denied for .*\(CREATE SCHEMA latchkey AUTHORIZATION <user>/,
    );
    await store.close();
  });

  test('every table is known by name, so that every statement can be qualified', async () => {
    const found = await database.rows('SELECT tablename FROM pg_tables WHERE schemaname = ?', [config.schema]);
    const names = found.map(({ tablename }) => tablename as string).filter((name) => name !== 'schema_migration');
    expect(names.sort()).toEqual(Object.keys(lifetimes).sort());
  });

  test('a connection that may only read, as one to a former primary does, is not used again', async () => {
    const pool = new Pool({ connectionString: config.url, max: 1 });
    const guarded = guardedPool(pool, (statement) => statement);
    const first = await guarded.connect();
    await first.query('SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY', []);
    await expect(first.query('CREATE TABLE public.never_made ()', [])).rejects.toBeInstanceOf(StoreUnavailable);
    first.release();
    const second = await guarded.connect();
    expect(
      (await second.query<{ on: string }>(`SELECT current_setting('transaction_read_only') AS on`, [])).rows,
    ).toEqual([{ on: 'off' }]);
    second.release();
    await pool.end();
  });

  test('a database that is not UTF-8 is refused with the statement that makes another', async () => {
    const name = `${role}_latin`;
    await admin.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`);
    const url = new URL(config.url);
    url.pathname = `/${name}`;
    try {
      const fault = await open({ url: url.href }).catch((thrown) => thrown);
      expect(explainFault(fault)).toBe(
        `The database ${name} has the encoding LATIN1, which cannot hold every name. ` +
          `Make another one (CREATE DATABASE ${name}_utf8 ENCODING 'UTF8' TEMPLATE template0) and set DATABASE_URL to it.`,
      );
    } finally {
      await admin.query(`DROP DATABASE ${name}`);
    }
  });
});
