import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { SqliteError } from './protocol.ts';

const cannotOpen = 14; // SQLITE_CANTOPEN

/**
 * Notices that the file, or its write-ahead log, was deleted or replaced. Both stay open then: SQLite would go on writing
 * to files without a name, and what it acknowledged would be gone with the process.
 * @returns asks, in a few microseconds. @throws SqliteError as long as one of the files is another than at first
 */
export function fileWatch(db: DatabaseSync, file: string): () => void {
  const log = `${file}-wal`;
  // A read opens the log, or makes it. SQLite keeps it for as long as the database is open.
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
  const first = identity(file);
  const firstLog = identity(log);
  return () => {
    if (identity(file) === first && identity(log) === firstLog) return;
    throw new SqliteError(
      `${file} or its -wal was deleted or replaced while it is open. Nothing is written any more: put back the file that ` +
        'was there, or stop the server and restore a backup.',
      cannotOpen,
    );
  };
}

function identity(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino}` : null;
}
