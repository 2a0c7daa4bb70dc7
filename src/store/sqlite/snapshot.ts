import { DatabaseSync } from 'node:sqlite';
import { rowsAtOnce, type Snapshot } from '../backup/snapshot.ts';
import { columnList, quoted, type TableShape } from '../backup/table-shapes.ts';
import type { SqlValue } from './protocol.ts';
import { sqliteShapes } from './table-shapes.ts';

/**
 * A read transaction of a connection of its own: in WAL mode it sees one moment and holds up nobody. Until it ends, the
 * write-ahead log grows by what is written meanwhile.
 */
export function sqliteSnapshot(file: string): Snapshot {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.exec('PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; BEGIN');
    const tables = sqliteShapes(db); // the first read fixes the moment
    return {
      engine: 'sqlite',
      tables,
      rows: (table) => rowsOf(db, table),
      async close() {
        db.close();
      },
    };
  } catch (fault) {
    db.close();
    throw fault;
  }
}

async function* rowsOf(db: DatabaseSync, { name, columns, primaryKey }: TableShape) {
  const statement = db.prepare(`SELECT ${columnList(columns)} FROM ${quoted(name)} ORDER BY ${columnList(primaryKey)}`);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  let batch: SqlValue[][] = [];
  for (const row of statement.iterate()) {
    batch.push(row as unknown as SqlValue[]);
    if (batch.length < rowsAtOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
