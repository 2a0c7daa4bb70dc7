import type { Clock } from '../../base/clock.ts';
import { secretProbeKey } from '../../core/secret-probe.ts';
import { fillProfileIndex } from '../fill-profile-index.ts';
import { type Migration, migrator } from '../migrate.ts';
import type { SqlValue } from '../sqlite/protocol.ts';
import { BackupError } from './backup-error.ts';
import { type BackupHeader, filesPart, type PartOpening } from './format.ts';
import type { LoadTarget } from './load-target.ts';
import { readBackup } from './read-backup.ts';
import type { RestoredFiles } from './restored-files.ts';
import type { TableShape } from './table-shapes.ts';
import { sessionTables } from './travels.ts';

export interface LoadOptions {
  readonly clock: Clock;
  /** Of this version. */
  readonly migrations: readonly Migration[];
  /** Where stored files go. Null: they are read and left. */
  readonly store: RestoredFiles['store'] | null;
  readonly withoutSessions?: boolean;
  /** The installation goes on with another secret: which one it had is forgotten. */
  readonly otherSecret?: boolean;
  /** For a database that is only looked at. */
  readonly withoutIndex?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Brings an empty target to the schema of the backup, loads the rows, brings it up to date and checks it. The caller
 * publishes or abandons.
 * @returns names of the migrations that came after the backup
 */
export async function loadBackup(
  path: string,
  header: BackupHeader,
  target: LoadTarget,
  options: LoadOptions,
): Promise<readonly string[]> {
  const { clock, migrations, signal } = options;
  const then = new Set(header.migrations.map(({ name }) => name));
  await migrator(
    target.migrations,
    clock,
    migrations.filter(({ name }) => then.has(name)),
  ).up();
  await loadRows(path, target, options);
  signal?.throwIfAborted();
  const applied = await migrator(target.migrations, clock, migrations).up();
  if (!options.withoutIndex) await fillProfileIndex(target.indexed);
  const [damage] = await target.damage();
  if (damage !== undefined) {
    throw new BackupError(`What the backup holds is no whole database: ${damage}. Use another backup.`);
  }
  return applied;
}

async function loadRows(path: string, target: LoadTarget, options: LoadOptions): Promise<void> {
  const tables = new Map((await target.tables()).map((table) => [table.name, table]));
  const left: readonly string[] = options.withoutSessions ? sessionTables : [];
  const loaded = new Map<TableShape, number>();
  for await (const item of readBackup(path, 'rows')) {
    options.signal?.throwIfAborted();
    if (item.kind === 'part' && item.opening.part !== filesPart) checkColumns(item.opening, tables);
    if (item.kind !== 'rows') continue;
    const { opening, rows } = item;
    if (opening.part === filesPart) {
      for (const [name, bytes] of rows) await options.store?.(name as string, bytes as Uint8Array);
    } else if (!left.includes(opening.part)) {
      const table = tables.get(opening.part)!;
      const wanted = options.otherSecret ? rows.filter((row) => !namesSecret(opening, row)) : rows;
      await insert(target, table, opening.columns, wanted);
      loaded.set(table, (loaded.get(table) ?? 0) + wanted.length);
    }
  }
  for (const [table, rows] of loaded) {
    if ((await target.count(table)) !== rows) throw new BackupError(`Not every row of "${table.name}" was stored.`);
  }
}

const namesSecret = ({ part, columns }: PartOpening, row: readonly SqlValue[]): boolean =>
  part === 'instance' && row[columns.indexOf('key')] === secretProbeKey;

/** Names go into statements, so they are those of the schema. */
function checkColumns({ part, columns }: PartOpening, tables: ReadonlyMap<string, TableShape>): void {
  const known = tables.get(part)?.columns;
  if (known && columns.every((column) => known.includes(column))) return;
  throw new BackupError(
    `The backup's table "${part}" is not as its schema says, so it cannot be loaded. Use the version of Latchkey that made it.`,
  );
}

async function insert(
  target: LoadTarget,
  table: TableShape,
  columns: readonly string[],
  rows: readonly SqlValue[][],
): Promise<void> {
  try {
    await target.insert(table, columns, rows);
  } catch (cause) {
    if (!isRefusedRow(cause)) throw cause;
    throw new BackupError(
      `A row of "${table.name}" cannot be stored in ${target.engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'}: ${cause.message}. ` +
        'Nothing was restored.',
      { cause },
    );
  }
}

/** Constraints and types on SQLite; SQLSTATE classes 22 (data) and 23 (constraints) on PostgreSQL. */
const isRefusedRow = (fault: unknown): fault is Error => {
  const { code = '', errcode = 0 } = fault as { code?: string; errcode?: number };
  return fault instanceof Error && (/^2[23]...$/.test(code) || [19, 20].includes(errcode & 0xff));
};
