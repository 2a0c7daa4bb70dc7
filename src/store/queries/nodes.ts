import { type Kysely, type Selectable, sql } from 'kysely';
import type { Instant } from '../../base/clock.ts';
import type { Database, NodeRow } from '../schema.ts';

/** A server that works on this database. */
export interface Node {
  readonly id: string;
  /** Host and port, for people. */
  readonly name: string;
  readonly version: string;
  /** Setting to its digest. */
  readonly config: Readonly<Record<string, string>>;
  /** How far its clock is ahead of the database server's, in milliseconds. */
  readonly clockAheadMs: number;
  readonly startedAt: Instant;
}

export interface Nodes {
  /** This one is here, now. */
  report(node: Node, now: Instant): Promise<void>;
  /** Those that were here at `since` or later. */
  since(since: Instant): Promise<readonly Node[]>;
  leave(id: string): Promise<void>;
  /** Forgets those that did not say goodbye; returns how many. */
  sweep(before: Instant): Promise<number>;
}

export const nodeQueries = (db: Kysely<Database>): Nodes => ({
  async report({ id, name, version, config, clockAheadMs, startedAt }, now) {
    const values = {
      ...{ name, version, config: JSON.stringify(config), clock_ahead_ms: clockAheadMs },
      ...{ started_at: startedAt, seen_at: now },
    };
    await db
      .insertInto('node')
      .values({ id, ...values })
      .onConflict((known) => known.column('id').doUpdateSet(values))
      .execute();
  },

  async since(since) {
    // By the clock of whoever asks: each node's own is corrected by how far it is ahead.
    const rows = await db
      .selectFrom('node')
      .selectAll()
      .where(sql<number>`seen_at - clock_ahead_ms`, '>=', since)
      .orderBy('id')
      .execute();
    return rows.map(nodeFrom);
  },

  async leave(id) {
    await db.deleteFrom('node').where('id', '=', id).execute();
  },

  async sweep(before) {
    const { numDeletedRows } = await db.deleteFrom('node').where('seen_at', '<', before).executeTakeFirst();
    return Number(numDeletedRows);
  },
});

const nodeFrom = (row: Selectable<NodeRow>): Node => ({
  id: row.id,
  name: row.name,
  version: row.version,
  config: JSON.parse(row.config),
  clockAheadMs: row.clock_ahead_ms,
  startedAt: row.started_at,
});
