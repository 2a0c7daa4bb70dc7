import type { Migration } from '../migrate.ts';
import { BackupError } from './backup-error.ts';
import type { BackupHeader } from './format.ts';
import { nothingThere, type Snapshot } from './snapshot.ts';

/**
 * The schema of a snapshot.
 * @param known of this version, which decides what is copied and so has to know every table
 * @throws BackupError when the tables are not Latchkey's, or are of a newer version
 */
export async function appliedMigrations(
  snapshot: Snapshot,
  known: readonly Migration[],
): Promise<BackupHeader['migrations']> {
  const book = snapshot.tables.find(({ name }) => name === 'schema_migration');
  if (!book) throw nothingThere('the configured place');
  const [name, checksum] = [book.columns.indexOf('name'), book.columns.indexOf('checksum')];
  const applied: { name: string; checksum: string }[] = [];
  for await (const rows of snapshot.rows(book)) {
    applied.push(...rows.map((row) => ({ name: String(row[name]), checksum: String(row[checksum]) })));
  }
  const newer = applied.find((one) => known.every((own) => own.name !== one.name));
  if (newer) {
    throw new BackupError(
      `The database has migration ${newer.name}, which this version of Latchkey does not know: a newer version migrated it. ` +
        'Back it up with that version.',
    );
  }
  return applied.sort((a, b) => (a.name < b.name ? -1 : 1));
}
