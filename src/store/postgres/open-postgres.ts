import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool, type QueryConfig } from 'pg';
import type { DatabaseConfig } from '../../base/configuration.ts';
import { quoted } from '../backup/table-shapes.ts';
import type { Engine, FaultReport } from '../engine.ts';
import type { MigrationConnection } from '../migrate.ts';
import type { Database } from '../schema.ts';
import { guardConnection } from './connection-guard.ts';
import { guardedPool } from './guarded-pool.ts';
import { retried } from './retry.ts';
import { clientOptions } from './types.ts';

export type PostgresConfig = Extract<DatabaseConfig, { engine: 'postgres' }>;

/** Any server that speaks PostgreSQL's protocol, version 13 or newer. */
export async function openPostgres(config: PostgresConfig, onFault: FaultReport): Promise<Engine> {
  const pool = new Pool({
    ...clientOptions(config),
    max: config.poolSize,
    connectionTimeoutMillis: config.connectMs,
    query_timeout: config.statementMs,
  });
  // The pool replaces a connection that breaks. Without listeners it would end the process, whether it is idle or has a
  // statement under way, which fails by itself.
  pool.on('error', (fault) => onFault('an idle database connection broke', fault));
  pool.on('connect', (client) => client.on('error', () => {}));
  const guarded = guardedPool(pool);
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({
      pool: guarded,
      onCreateConnection: async (connection) => guardConnection(connection),
    }),
  });

  return {
    name: 'postgres',
    reader: db,
    writer: db,
    async rows({ name, sql: text }, parameters) {
      const client = await guarded.connect();
      try {
        // By an object: the statement is prepared once for each connection.
        const prepared = { name, text, values: [...parameters] } as unknown as string;
        return (await client.query<Record<string, unknown>>(prepared, [...parameters])).rows;
      } finally {
        client.release();
      }
    },
    transaction: <T>(work: (trx: Transaction<Database>) => Promise<T>) => retried(() => db.transaction().execute(work)),
    migrations: {
      engine: 'postgres',
      begin: 'BEGIN',
      commit: 'COMMIT',
      rollback: 'ROLLBACK',
      prepare: (connection) => connection.script(`CREATE SCHEMA IF NOT EXISTS ${quoted(config.schema)}`),
      async locked(work) {
        const client = await pool.connect();
        const connection: MigrationConnection = {
          script: async (text) => {
            await client.query(patient(text));
          },
          rows: async (text, parameters = []) => (await client.query(patient(text, parameters))).rows,
        };
        const lock = migrationLock(config.schema);
        try {
          // Held by the connection, not by a transaction: it spans all migrations of one run.
          await client.query(patient(`SELECT pg_advisory_lock(${lock})`));
          return await work(connection);
        } finally {
          await client
            .query(`SELECT pg_advisory_unlock(${lock})`)
            .catch((fault) => onFault('unlock migrations', fault));
          client.release();
        }
      },
    },
    async version() {
      const { rows } = await sql<{ server_version: string }>`SHOW server_version`.execute(db);
      return `PostgreSQL ${rows[0]!.server_version}`;
    },
    foreignWrites: () => 0,
    async diagnose() {
      const { rows } = await sql<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(db);
      return { damage: [], time: rows[0]!.now.getTime() };
    },
    close: () => db.destroy(),
  };
}

/** The number of the advisory lock, as SQL, that whoever makes tables in the schema holds. */
export const migrationLock = (schema: string): string =>
  `hashtextextended('latchkey migrations of ' || '${schema.replaceAll("'", "''")}', 0)`;

/** A migration has all the time it needs: the most that a timer takes, in milliseconds. */
const patient = (text: string, values: readonly unknown[] = []) => {
  const query: QueryConfig & { query_timeout: number } = { text, values: [...values], query_timeout: 2_147_483_647 };
  return query;
};
