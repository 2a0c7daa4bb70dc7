import { Client } from 'pg';
import { systemClock } from '../../src/base/clock.ts';
import type { DatabaseConfig } from '../../src/base/configuration.ts';
import { uuidV7 } from '../../src/base/ids.ts';
import { systemRandom } from '../../src/base/random.ts';
import { openStore } from '../../src/store/open-store.ts';
import { nameInRun, postgresBounds, postgresUrl } from './postgres-run.ts';

// Migrating takes a second and copying a database a tenth of one, so a run migrates once, and each worker copies only
// when none of the databases it has is free. One that a test is done with is emptied, which takes some milliseconds.

const schema = 'latchkey';
const free: string[] = [];
let made = 0;
let template: Promise<Template> | null = null;

interface Template {
  readonly name: string;
  /** Empties a copy and says what is left in it. */
  readonly emptying: string;
  readonly empty: string;
}

export interface MigratedPostgres {
  readonly config: Extract<DatabaseConfig, { engine: 'postgres' }>;
  /** Lets the next test have it. Everybody who used it has disconnected. */
  giveBack(): Promise<void>;
}

/** A database with every migration applied and nothing else in it. */
export async function migratedPostgres(run: string): Promise<MigratedPostgres> {
  template ??= templateOf(run);
  const known = await template;
  const name = free.pop() ?? (await copy(known, nameInRun(run, `${process.pid}_${++made}`)));
  return {
    config: configOf(name),
    async giveBack() {
      // One that cannot be emptied, or was changed, is left to the end of the run.
      const left = await within(name, (client) => leftAfterEmptying(client, known.emptying)).catch(() => null);
      if (left === known.empty) free.push(name);
    },
  };
}

async function copy({ name: from }: Template, to: string): Promise<string> {
  await within(null, async (client) => {
    await client.query(`CREATE DATABASE "${to}" TEMPLATE "${from}"`);
    // No test here pulls the plug of the database server, so none has to wait for its disk.
    await client.query(`ALTER DATABASE "${to}" SET synchronous_commit = off`);
  });
  return to;
}

/** Made by the worker that needs it first, while the others wait for it. */
const templateOf = (run: string): Promise<Template> =>
  within(null, async (client) => {
    const name = nameInRun(run, 'template');
    const lock = `hashtextextended('latchkey test template ' || $1, 0)`;
    await client.query(`SELECT pg_advisory_lock(${lock})`, [run]);
    try {
      const { rows } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (rows.length === 0) await client.query(`CREATE DATABASE "${name}"`);
      const clock = systemClock();
      const store = await openStore(configOf(name), { clock, ids: uuidV7(clock, systemRandom()) });
      await store.migrate();
      await store.close();
      return await within(name, (inside) => describeTemplate(name, inside));
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${lock})`, [run]);
    }
  });

async function describeTemplate(name: string, client: Client): Promise<Template> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'schema_migration'`,
    [schema],
  );
  // Foreign keys are not followed: everything goes.
  const emptying = `BEGIN; SET LOCAL lock_timeout = '5s'; SET LOCAL session_replication_role = replica;
    ${rows.map((table) => `DELETE FROM "${table.name}";`).join(' ')}
    SELECT (SELECT string_agg(relname || relkind::text, ',' ORDER BY relname) FROM pg_class
             WHERE relnamespace = '${schema}'::regnamespace)
        || (SELECT string_agg(name, ',' ORDER BY name) FROM schema_migration) AS left_over;
    COMMIT`;
  return { name, emptying, empty: await leftAfterEmptying(client, emptying) };
}

async function leftAfterEmptying(client: Client, emptying: string): Promise<string> {
  const results = (await client.query(emptying)) as unknown as { rows: { left_over: string }[] }[];
  return results.at(-2)!.rows[0]!.left_over;
}

const configOf = (database: string): MigratedPostgres['config'] => {
  const url = new URL(postgresUrl);
  url.pathname = `/${database}`;
  return { engine: 'postgres', url: url.href, schema, ...postgresBounds };
};

/** Null: in the database that tests are told of. */
async function within<T>(database: string | null, work: (client: Client) => Promise<T>): Promise<T> {
  const connectionString = database === null ? postgresUrl : configOf(database).url;
  const client = new Client({ connectionString, options: `-c search_path=${schema}` });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
