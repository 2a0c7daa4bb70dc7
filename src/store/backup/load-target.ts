import type { EngineName } from '../engine-name.ts';
import type { IndexedEngine } from '../fill-profile-index.ts';
import type { MigrationHost } from '../migrate.ts';
import type { SqlValue } from '../sqlite/protocol.ts';
import { BackupError } from './backup-error.ts';
import type { TableShape } from './table-shapes.ts';

/** An empty database that a backup is loaded into. Nobody sees it before `publish`. */
export interface LoadTarget {
  readonly engine: EngineName;
  readonly migrations: MigrationHost;
  readonly indexed: IndexedEngine;
  tables(): Promise<readonly TableShape[]>;
  insert(table: TableShape, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<void>;
  count(table: TableShape): Promise<number>;
  /** What the engine's own check finds, in its words. */
  damage(): Promise<readonly string[]>;
  /** Makes everything visible at once, on the disk. */
  publish(): Promise<void>;
  /** Leaves nothing. Also safe after `publish`, where it only lets go. */
  abandon(): Promise<void>;
}

export const notEmpty = (place: string, instead: string): BackupError =>
  new BackupError(
    `${place} holds data already, and a backup is restored into an empty database only. ${instead} Nothing was changed.`,
  );
