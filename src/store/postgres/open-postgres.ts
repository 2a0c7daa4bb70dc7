import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import type { Engine, FaultReport } from '../engine.ts';
import { lifetimes } from '../lifetimes.ts';
import type { Database } from '../schema.ts';
import { guardConnection } from './connection-guard.ts';
import { guardedPool } from './guarded-pool.ts';
import { inspectServer } from './inspect-server.ts';
import { migrationHost } from './migration-host.ts';
import type { PostgresConfig } from './postgres-config.ts';
import { qualifier } from './qualify-names.ts';
import { retried } from './retry.ts';
import { clientOptions } from './types.ts';

/**
 * Any server that speaks PostgreSQL's protocol, version 13 or newer, also through a pooler: no statement relies on what
 * an earlier one left on its connection.
 * @throws StartRefusal when the database cannot be used
 */
export async function openPostgres(config: PostgresConfig, onFault: FaultReport): Promise<Engine> {
  const pool = new Pool({
    ...clientOptions(config.url),
    max: config.poolSize,
    connectionTimeoutMillis: config.connectMs,
    query_timeout: config.statementMs + answerMs,
  });
  // The pool replaces a connection that breaks. Without listeners it would end the process, whether it is idle or has a
  // statement under way, which fails by itself.
  pool.on('error', (fault) => onFault('an idle database connection broke', fault));
  pool.on('connect', (client) => client.on('error', () => {}));
  const { pooled } = await inspected(pool, config);
  // Behind a pooler a setting of the connection would be somebody else's; there, only the client stops waiting.
  if (!pooled) pool.on('connect', (client) => boundStatements(client, config, onFault));
  const guarded = guardedPool(pool, qualifier(config.schema, Object.keys(lifetimes)));
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({
      pool: guarded,
      onCreateConnection: async (connection) => guardConnection(connection),
    }),
  });

  async function serverTime(): Promise<number> {
    const { rows } = await sql<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(db);
    return rows[0]!.now.getTime();
  }

  return {
    name: 'postgres',
    reader: db,
    writer: db,
    pooled,
    async rows({ name, sql: text }, parameters) {
      const client = await guarded.connect();
      try {
        // By an object: the statement is prepared once for each connection. Behind a pooler it would be prepared on one
        // connection of the server and asked for on another.
        const values = [...parameters];
        const statement = (pooled ? { text, values } : { name, text, values }) as unknown as string;
        return (await client.query<Record<string, unknown>>(statement, values)).rows;
      } finally {
        client.release();
      }
    },
    transaction: <T>(work: (trx: Transaction<Database>) => Promise<T>) => retried(() => db.transaction().execute(work)),
    migrations: migrationHost(pool, config.schema),
    ping: async () => void (await sql`SELECT 1`.execute(db)),
    async version() {
      const { rows } = await sql<{ server_version: string }>`SHOW server_version`.execute(db);
      return `PostgreSQL ${rows[0]!.server_version}`;
    },
    serverTime,
    foreignWrites: () => 0,
    diagnose: async () => ({ damage: [], time: await serverTime() }),
    close: () => db.destroy(),
  };
}

/** How much longer than the server's own bound an answer is waited for, in milliseconds. */
const answerMs = 250;
/** A transaction nobody goes on with holds its locks no longer: its node was cut off. In milliseconds. */
const idleTransactionMs = 60_000;

/** The server stops what nobody waits for any more; locks that it held are free. Runs before whatever is asked next. */
function boundStatements(client: PoolClient, { statementMs }: PostgresConfig, onFault: FaultReport): void {
  client
    .query(`SET statement_timeout = ${statementMs}; SET idle_in_transaction_session_timeout = ${idleTransactionMs}`)
    .catch((fault) => onFault('a database connection could not be bounded', fault));
}

async function inspected(pool: Pool, config: PostgresConfig): Promise<{ readonly pooled: boolean }> {
  try {
    const client = await pool.connect();
    try {
      return await inspectServer(client, config);
    } finally {
      // What comes next is opened anew, with its bounds.
      client.release(true);
    }
  } catch (fault) {
    await pool.end();
    throw fault;
  }
}
