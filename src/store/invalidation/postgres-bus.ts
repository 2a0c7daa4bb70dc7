import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { Client } from 'pg';
import { within } from '../../base/within.ts';
import type { FaultReport } from '../engine.ts';
import type { PostgresConfig } from '../postgres/postgres-config.ts';
import { clientOptions } from '../postgres/types.ts';
import { type InvalidationBus, messages } from './bus.ts';
import { type Channel, invalidationListener } from './listener.ts';

/** Sends over the connections that transactions use. */
export type Notify = (channel: string, text: string) => Promise<void>;

/**
 * NOTIFY inside the transaction, LISTEN on a connection of its own: other nodes hear what committed and nothing else.
 * Listens past a pooler when `directUrl` says how; a pooler in transaction mode does not pass LISTEN on.
 */
export function postgresBus(
  config: PostgresConfig,
  node: string,
  onFault: FaultReport,
  notify: Notify,
): InvalidationBus {
  const name = channelName(config.schema);
  const listener = invalidationListener(postgresChannel(config, node, name, notify), node, onFault);
  return { ...listener, beforeCommit: tell(node, name), afterCommit: async () => {} };
}

/** Tells the others and cannot hear them: the session cache of this node stays off. */
export const postgresTeller = (config: PostgresConfig, node: string): InvalidationBus => ({
  attach: (_projectId, audience) => audience.setEnabled(false),
  detach: () => {},
  beforeCommit: tell(node, channelName(config.schema)),
  afterCommit: async () => {},
  start: async () => {},
  close: async () => {},
});

const tell =
  (node: string, name: string): InvalidationBus['beforeCommit'] =>
  async (trx, change) => {
    for (const message of messages(node, change)) {
      await sql`select pg_notify(${name}, ${JSON.stringify(message)})`.execute(trx);
    }
  };

/** Installations that share a database server's database do not hear each other. Names are cut at 63 bytes. */
export const channelName = (schema: string): string =>
  `latchkey_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`;

/** @throws what keeps a server with this configuration from hearing other nodes */
export async function tryListening(config: PostgresConfig, notify: Notify): Promise<void> {
  const channel = postgresChannel(config, 'doctor', channelName(config.schema), notify);
  const line = await channel.open({ message: () => {}, lost: () => {} });
  await line.close();
}

const hearWithinMs = 2_000;

const unheard = ({ directUrl }: PostgresConfig): string =>
  directUrl === null
    ? 'no message to itself came back: is a pooler in transaction mode before PostgreSQL?'
    : 'no message to itself came over DATABASE_DIRECT_URL, which must lead past every pooler to the database of DATABASE_URL';

const postgresChannel = (config: PostgresConfig, node: string, name: string, notify: Notify): Channel => ({
  async open({ message, lost }) {
    const client = new Client({
      ...clientOptions(config.directUrl ?? config.url),
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
    const probe = JSON.stringify({ node, project: '', users: [], sessions: [] });
    const heard = Promise.withResolvers<void>();
    client.on('notification', ({ payload = '' }) => (payload === probe ? heard.resolve() : message(payload)));
    try {
      await client.connect();
      await client.query(`LISTEN ${name}`);
      // What is asked for here need not be what transactions speak to: another database, or a pooler that says yes to
      // LISTEN and gives the connection to somebody else.
      await notify(name, probe);
      await within(hearWithinMs, 'a message to itself', heard.promise).catch(() => {
        throw new Error(unheard(config));
      });
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
