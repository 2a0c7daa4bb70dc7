import type { Pool, QueryConfig } from 'pg';
import { lifetimes } from '../lifetimes.ts';
import type { MigrationConnection, MigrationHost } from '../migrate.ts';
import { qualifier, quotedName } from './qualify-names.ts';

/**
 * Files of migrations name tables without their schema, and may do anything. So each runs in a transaction that begins
 * with the search path and the lock, both of which end with the transaction: a pooler keeps one connection for that long.
 */
export function migrationHost(pool: Pool, schema: string): MigrationHost {
  const qualify = qualifier(schema, [...Object.keys(lifetimes), 'schema_migration']);
  return {
    engine: 'postgres',
    begin: `BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL search_path TO ${quotedName(schema)}; SELECT pg_advisory_xact_lock(${migrationLock(schema)})`,
    commit: 'COMMIT',
    rollback: 'ROLLBACK',
    ...schemaPlace(schema),
    async locked(work) {
      const client = await pool.connect();
      const connection: MigrationConnection = {
        script: async (text) => {
          await client.query(patient(text));
        },
        rows: async (text, parameters = []) => (await client.query(patient(qualify(text), parameters))).rows,
      };
      try {
        const outcome = await work(connection);
        client.release();
        return outcome;
      } catch (fault) {
        // A transaction may be open on it.
        client.release(true);
        throw fault;
      }
    },
  };
}

/** The number of the advisory lock, as SQL, that whoever makes tables in the schema holds. */
export const migrationLock = (schema: string): string =>
  `hashtextextended('latchkey migrations of ' || '${schema.replaceAll("'", "''")}', 0)`;

/** Where tables go, and whether any were put there. */
export const schemaPlace = (schema: string): Pick<MigrationHost, 'prepare' | 'hasBook'> => ({
  async prepare(connection) {
    // Asked first: a role that may not make schemas is refused also where the schema is there.
    const there = await connection.rows('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    if (there.length === 0) await connection.script(`CREATE SCHEMA ${quotedName(schema)}`);
  },
  async hasBook(connection) {
    const there = await connection.rows(
      `SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_migration'`,
      [schema],
    );
    return there.length > 0;
  },
});

/** A migration has all the time it needs: the most that a timer takes, in milliseconds. */
const patient = (text: string, values: readonly unknown[] = []) => {
  const query: QueryConfig & { query_timeout: number } = { text, values: [...values], query_timeout: 2_147_483_647 };
  return query;
};
