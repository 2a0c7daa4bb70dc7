import type { PoolClient } from 'pg';
import { StartRefusal } from '../../base/start-refusal.ts';
import type { PostgresConfig } from './postgres-config.ts';

/**
 * Refuses a database that cannot hold every text, and recognises a pooler by what cannot be otherwise: the number of the
 * server's process that the connection was opened with is the one that answers, unless somebody stands between. A pooler
 * in session mode looks the same as one in transaction mode; the setting tells them apart.
 * @returns whether each transaction may be another connection of the server
 */
export async function inspectServer(client: PoolClient, config: PostgresConfig): Promise<{ readonly pooled: boolean }> {
  const { rows } = await client.query<{ pid: number; encoding: string; name: string }>(
    `SELECT pg_backend_pid() AS pid, current_setting('server_encoding') AS encoding, current_database() AS name`,
  );
  const { pid, encoding, name } = rows[0]!;
  if (encoding !== 'UTF8') {
    throw new StartRefusal(
      `The database ${name} has the encoding ${encoding}, which cannot hold every name`,
      `Make another one (CREATE DATABASE ${name}_utf8 ENCODING 'UTF8' TEMPLATE template0) and set DATABASE_URL to it.`,
    );
  }
  if (config.pooler !== null) return { pooled: config.pooler === 'transaction' };
  return { pooled: pid !== (client as unknown as { processID: number }).processID };
}
