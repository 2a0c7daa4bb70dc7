import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool } from 'pg';
import type { DatabaseConfig } from '../../base/configuration.ts';
import type { Engine, FaultReport } from '../engine.ts';
import type { MigrationConnection } from '../migrate.ts';
import type { Database } from '../schema.ts';
import { guardConnection } from './connection-guard.ts';
import { retried } from './retry.ts';
import { clientOptions } from './types.ts';

export type PostgresConfig = Extract<DatabaseConfig, { engine: 'postgres' }>;

/** Any server that speaks PostgreSQL's protocol, version 13 or newer. */
export async function openPostgres(config: PostgresConfig, onFault: FaultReport): Promise<Engine> {
  const pool = new Pool({ ...clientOptions(config), max: config.poolSize });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (fault) => onFault('an idle database connection broke', fault));
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool, onCreateConnection: async (connection) => guardConnection(connection) }),
  });

  return {
    name: 'postgres',
    reader: db,
    writer: db,
    rows: async (statement, parameters) =>
      (await pool.query({ name: statement.name, text: statement.sql, values: [...parameters] })).rows,
    transaction: <T>(work: (trx: Transaction<Database>) => Promise<T>) => retried(() => db.transaction().execute(work)),
    migrations: {
      engine: 'postgres',
      begin: 'BEGIN',
      prepare: (connection) => connection.script(`CREATE SCHEMA IF NOT EXISTS ${quoted(config.schema)}`),
      async locked(work) {
        const client = await pool.connect();
        const connection: MigrationConnection = {
          script: async (text) => void (await client.query(text)),
          rows: async (text, parameters = []) => (await client.query(text, [...parameters])).rows,
        };
        const lock = `hashtextextended('latchkey migrations of ' || '${config.schema.replaceAll("'", "''")}', 0)`;
        try {
          // Held by the connection, not by a transaction: it spans all migrations of one run.
          await client.query(`SELECT pg_advisory_lock(${lock})`);
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

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
