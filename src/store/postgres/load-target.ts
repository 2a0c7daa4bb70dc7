import { Kysely, PostgresDialect, type PostgresPool, type Transaction } from 'kysely';
import { Client } from 'pg';
import { type LoadTarget, notEmpty } from '../backup/load-target.ts';
import { columnList, quoted } from '../backup/table-shapes.ts';
import type { Database } from '../schema.ts';
import { migrationLock, schemaPlace } from './migration-host.ts';
import type { PostgresConfig } from './postgres-config.ts';
import { postgresShapes } from './table-shapes.ts';
import { clientOptions, forCopying } from './types.ts';

/** The protocol counts parameters in 16 bits. */
const mostParameters = 65_535;

/**
 * Everything is one transaction, migrations included: until it commits, nobody sees a table. A server that starts
 * meanwhile waits for the lock of migrations.
 * @throws BackupError when the schema holds anything
 */
export async function postgresTarget(config: PostgresConfig): Promise<LoadTarget> {
  const client = new Client({ ...clientOptions(config.url), connectionTimeoutMillis: config.connectMs });
  client.on('error', () => {}); // the statement under way fails by itself
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(forCopying(config.schema));
    await client.query(`SELECT pg_advisory_xact_lock(${migrationLock(config.schema)})`);
    await refuseData(client, config.schema);
  } catch (fault) {
    await client.end();
    throw fault;
  }
  const reach = overOneConnection(client);
  return {
    engine: 'postgres',
    migrations: {
      engine: 'postgres',
      begin: 'SAVEPOINT migration',
      commit: 'RELEASE SAVEPOINT migration',
      rollback: 'ROLLBACK TO SAVEPOINT migration',
      ...schemaPlace(config.schema),
      locked: (work) =>
        work({
          script: async (text) => void (await client.query(text)),
          rows: async (text, parameters = []) => (await client.query(text, [...parameters])).rows,
        }),
    },
    indexed: {
      name: 'postgres',
      reader: reach,
      transaction: (work) => work(reach as unknown as Transaction<Database>), // one is open already
    },
    tables: () => postgresShapes(client),
    async insert({ name }, columns, rows) {
      const most = Math.floor(mostParameters / columns.length);
      for (let from = 0; from < rows.length; from += most) {
        const some = rows.slice(from, from + most);
        const places = some.map(
          (_, row) => `(${columns.map((_, i) => `$${row * columns.length + i + 1}`).join(', ')})`,
        );
        await client.query(
          `INSERT INTO ${quoted(name)} (${columnList(columns)}) VALUES ${places.join(', ')}`,
          some.flat(),
        );
      }
    },
    async count({ name }) {
      return Number((await client.query(`SELECT count(*) AS n FROM ${quoted(name)}`)).rows[0].n);
    },
    damage: async () => [], // every row was checked when it was written
    async publish() {
      for (const { name } of await postgresShapes(client)) await client.query(`ANALYZE ${quoted(name)}`);
      await client.query('COMMIT');
    },
    abandon: () => client.end(), // the server rolls back what was not committed
  };
}

async function refuseData(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query(
    'SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 LIMIT 1',
    [schema],
  );
  if (rows.length === 0) return;
  throw notEmpty(
    `Schema "${schema}" of the database in DATABASE_URL`,
    `Drop it (DROP SCHEMA ${quoted(schema)} CASCADE) when you no longer need it, or choose another database or schema.`,
  );
}

/** Queries of Kysely over a connection whose transaction is somebody else's. */
function overOneConnection(client: Client): Kysely<Database> {
  const lent = { query: client.query.bind(client), release: () => {} };
  const pool = { connect: async () => lent, end: async () => {} } as unknown as PostgresPool;
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
