import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { Client } from 'pg';
import type { FaultReport } from '../engine.ts';
import type { PostgresConfig } from '../postgres/open-postgres.ts';
import { clientOptions } from '../postgres/types.ts';
import { type InvalidationBus, messages } from './bus.ts';
import { type Channel, invalidationListener } from './listener.ts';

/**
 * NOTIFY inside the transaction, LISTEN on a connection of its own: other nodes hear what committed and nothing else.
 * Needs a direct connection; a pooler in transaction mode does not pass LISTEN on.
 */
export function postgresBus(config: PostgresConfig, node: string, onFault: FaultReport): InvalidationBus {
  const name = channelName(config.schema);
  const listener = invalidationListener(postgresChannel(config, name), node, onFault);
  return {
    ...listener,
    async beforeCommit(trx, change) {
      for (const message of messages(node, change)) {
        await sql`select pg_notify(${name}, ${JSON.stringify(message)})`.execute(trx);
      }
    },
    afterCommit: async () => {},
  };
}

/** Installations that share a database server's database do not hear each other. Names are cut at 63 bytes. */
export const channelName = (schema: string): string =>
  `latchkey_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`;

const postgresChannel = (config: PostgresConfig, name: string): Channel => ({
  async open({ message, lost }) {
    const client = new Client({
      ...clientOptions(config),
      application_name: name, // so that the listener can be told from the pool in pg_stat_activity
      connectionTimeoutMillis: 3_000,
    });
    let closing = false;
    const end = (fault: unknown): void => {
      if (closing) return;
      closing = true;
      lost(fault);
    };
    client.on('error', end);
    client.on('end', () => end(new Error('the connection ended')));
    client.on('notification', ({ payload }) => message(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${name}`);
    } catch (fault) {
      closing = true;
      client.end().catch(() => {});
      throw fault;
    }
    return {
      ping: () => client.query('SELECT 1'),
      async close() {
        closing = true;
        await client.end();
      },
    };
  },
});
