import type { DatabaseConfig } from '../../base/configuration.ts';
import type { FileStorage } from '../../core/files/stored-file.ts';
import { checksum, type Migration } from '../migrate.ts';
import { sqliteTarget } from '../sqlite/load-target.ts';
import { scratchTarget } from '../sqlite/new-file.ts';
import { BackupError } from './backup-error.ts';
import type { BackupClosing, BackupHeader } from './format.ts';
import { type LoadOptions, loadBackup } from './load-backup.ts';
import type { LoadTarget } from './load-target.ts';
import { readBackup } from './read-backup.ts';
import { restoredFiles } from './restored-files.ts';

/** A backup whose every digest is right and whose schema this version knows. */
export interface CheckedBackup {
  readonly path: string;
  readonly header: BackupHeader;
  readonly closing: BackupClosing;
}

/** Reads all of the file once. @throws BackupError when it is damaged, incomplete, or of a schema that is not known */
export async function checkBackup(
  path: string,
  migrations: readonly Migration[],
  signal?: AbortSignal,
): Promise<CheckedBackup> {
  let header: BackupHeader | undefined;
  let closing: BackupClosing | undefined;
  for await (const item of readBackup(path, 'digests')) {
    signal?.throwIfAborted();
    if (item.kind === 'header') header = item.header;
    if (item.kind === 'closing') closing = item.closing;
  }
  const checked = { path, header: header!, closing: closing! };
  refuseOtherSchema(checked.header, migrations);
  return checked;
}

export type RestoreOptions = Omit<LoadOptions, 'store' | 'withoutIndex'> & { readonly files: FileStorage };

/**
 * Loads a backup into an empty database. All or nothing: a fault leaves database and stored files as they were.
 * @returns names of the migrations that came after the backup
 */
export async function restoreBackup(
  { path, header }: CheckedBackup,
  database: DatabaseConfig,
  options: RestoreOptions,
): Promise<readonly string[]> {
  const files = restoredFiles(options.files);
  const target = await openTarget(database);
  try {
    const applied = await loadBackup(path, header, target, { ...options, store: files.store });
    options.signal?.throwIfAborted();
    await target.publish();
    return applied;
  } catch (fault) {
    await files.removeNew();
    throw fault;
  } finally {
    await target.abandon();
  }
}

/** Loads a backup into a database for the purpose, and throws that away. @throws BackupError when it does not load */
export async function tryBackup(
  { path, header }: CheckedBackup,
  options: Omit<LoadOptions, 'store' | 'withoutIndex'>,
): Promise<void> {
  const target = scratchTarget();
  try {
    await loadBackup(path, header, target, { ...options, store: null, withoutIndex: true });
  } finally {
    await target.abandon();
  }
}

async function openTarget(config: DatabaseConfig): Promise<LoadTarget> {
  if (config.engine === 'sqlite') return sqliteTarget(config.file);
  const { postgresTarget } = await import('../postgres/load-target.ts');
  return postgresTarget(config);
}

function refuseOtherSchema(header: BackupHeader, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, checksum(migration)]));
  for (const { name, checksum: made } of header.migrations) {
    const own = known.get(name);
    if (own === made) continue;
    throw new BackupError(
      own === undefined
        ? `The backup was made by Latchkey ${header.takenBy} and has migration ${name}, which this version does not know. Restore it with the version that made it, or a newer one.`
        : `Migration ${name} is not the one that the backup was made with, so its rows may not fit. Restore it with Latchkey ${header.takenBy}, which made it.`,
    );
  }
}
