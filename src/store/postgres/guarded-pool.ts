import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { StoreUnavailable } from '../../core/store.ts';
import { asOutage, isStuck } from './outage.ts';

/**
 * Gives faults of the line and the server their core name, and never hands out a connection again that had one: what is
 * asked next over it would wait behind an answer that does not come.
 */
export function guardedPool(pool: Pool): PostgresPool {
  const known = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    async connect() {
      const client = await pool.connect().catch((fault) => {
        throw asOutage(fault);
      });
      const guarded = known.get(client) ?? guardedClient(client);
      known.set(client, guarded);
      return guarded;
    },
    end: () => pool.end(),
  };
}

function guardedClient(client: PoolClient): PostgresPoolClient {
  let broken = false;
  async function query(text: unknown, parameters?: unknown): Promise<unknown> {
    try {
      return await client.query(text as string, parameters as unknown[]);
    } catch (fault) {
      const known = asOutage(fault);
      broken ||= known instanceof StoreUnavailable;
      // At once, so that the ROLLBACK that follows does not wait as well.
      if (isStuck(fault)) hangUp(client);
      throw known;
    }
  }
  return { query: query as PostgresPoolClient['query'], release: () => client.release(broken) };
}

const hangUp = (client: PoolClient): void =>
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
