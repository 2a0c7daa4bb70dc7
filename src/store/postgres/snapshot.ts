import { Client } from 'pg';
import { nothingThere, rowsAtOnce, type Snapshot } from '../backup/snapshot.ts';
import { columnList, quoted, type TableShape } from '../backup/table-shapes.ts';
import type { SqlValue } from '../sqlite/protocol.ts';
import type { PostgresConfig } from './postgres-config.ts';
import { postgresShapes } from './table-shapes.ts';
import { clientOptions, exactTypes, forCopying } from './types.ts';

/**
 * One repeatable-read transaction sees one moment. Its only locks are those of a SELECT: readers and writers go on, a
 * migration waits.
 */
export async function postgresSnapshot(config: PostgresConfig): Promise<Snapshot> {
  const client = new Client({
    ...clientOptions(config.url),
    types: exactTypes,
    connectionTimeoutMillis: config.connectMs,
  });
  client.on('error', () => {}); // the statement under way fails by itself
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(forCopying(config.schema));
    const tables = await postgresShapes(client);
    if (tables.length === 0) throw nothingThere(`schema "${config.schema}" of the database in DATABASE_URL`);
    return {
      engine: 'postgres',
      tables,
      rows: (table) => rowsOf(client, table),
      close: () => client.end(),
    };
  } catch (fault) {
    await client.end();
    throw fault;
  }
}

async function* rowsOf(client: Client, { name, columns, primaryKey }: TableShape) {
  await client.query(
    `DECLARE copied NO SCROLL CURSOR FOR
     SELECT ${columnList(columns)} FROM ${quoted(name)} ORDER BY ${columnList(primaryKey)}`,
  );
  const fetch = { text: `FETCH ${rowsAtOnce} FROM copied`, rowMode: 'array' as const };
  for (;;) {
    const { rows } = await client.query<SqlValue[]>(fetch);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) break;
  }
  await client.query('CLOSE copied');
}
