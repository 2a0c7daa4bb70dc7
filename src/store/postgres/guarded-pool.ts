import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient, QueryConfig } from 'pg';
import { StoreUnavailable } from '../../core/store.ts';
import { asOutage, isStuck } from './outage.ts';

/**
 * The way of every statement to the server, but for migrations. Writes the schema into each, and gives faults of the line
 * and the server their core name. A connection that had one is never handed out again: what is asked next over it would
 * wait behind an answer that does not come.
 */
export function guardedPool(pool: Pool, qualify: (statement: string) => string): PostgresPool {
  const known = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    async connect() {
      const client = await pool.connect().catch((fault) => {
        throw asOutage(fault);
      });
      const guarded = known.get(client) ?? guardedClient(client, qualify);
      known.set(client, guarded);
      return guarded;
    },
    end: () => pool.end(),
  };
}

function guardedClient(client: PoolClient, qualify: (statement: string) => string): PostgresPoolClient {
  let broken = false;
  async function query(statement: string | QueryConfig, parameters?: unknown[]): Promise<unknown> {
    try {
      if (typeof statement === 'string') return await client.query(qualify(statement), parameters);
      return await client.query({ ...statement, text: qualify(statement.text) });
    } catch (fault) {
      const known = asOutage(fault);
      broken ||= known instanceof StoreUnavailable;
      // At once, so that the ROLLBACK that follows does not wait as well.
      if (isStuck(fault)) hangUp(client);
      throw known;
    }
  }
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(broken) };
}

const hangUp = (client: PoolClient): void =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
