import type { EngineName } from '../engine-name.ts';
import type { SqlValue } from '../sqlite/protocol.ts';
import { BackupError } from './backup-error.ts';
import type { TableShape } from './table-shapes.ts';

/** One moment of a database, read while others write. Nothing is written. */
export interface Snapshot {
  readonly engine: EngineName;
  readonly tables: readonly TableShape[];
  /** Rows in order of the primary key, `rowsAtOnce` at a time. Integers come as bigint where they may be large. */
  rows(table: TableShape): AsyncIterable<readonly (readonly SqlValue[])[]>;
  close(): Promise<void>;
}

/** Rows that are in memory at once. */
export const rowsAtOnce = 500;

export const nothingThere = (place: string): BackupError =>
  new BackupError(
    `There is no database of Latchkey in ${place}, so there is nothing to back up. Check DATA_DIR and DATABASE_URL.`,
  );
