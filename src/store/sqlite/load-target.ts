import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BackupError } from '../backup/backup-error.ts';
import { type LoadTarget, notEmpty } from '../backup/load-target.ts';
import { openNewFile } from './new-file.ts';
import { DatabaseInUse, holdForServer } from './server-lock.ts';

/**
 * Loads into a file beside `file` and renames it at the end. No server can start meanwhile.
 * @throws BackupError when there is data, or a server works with the file
 */
export function sqliteTarget(file: string): LoadTarget {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const letGo = hold(file);
  const unfinished = `${file}.restoring`;
  try {
    refuseData(file);
    // What a restore that was killed left behind: the lock says that nobody works with it.
    removeDatabase(unfinished);
    const { target, close } = openNewFile(unfinished);
    return {
      ...target,
      async publish() {
        close();
        syncPath(unfinished);
        renameSync(unfinished, file);
        syncPath(dirname(file));
      },
      async abandon() {
        close();
        removeDatabase(unfinished);
        letGo();
      },
    };
  } catch (fault) {
    letGo();
    throw fault;
  }
}

function hold(file: string): () => void {
  try {
    return holdForServer(file);
  } catch (fault) {
    if (!(fault instanceof DatabaseInUse)) throw fault;
    throw new BackupError(
      `A server works with ${file}. Stop it before you restore, or restore into another DATA_DIR. Nothing was changed.`,
    );
  }
}

/** A log without its database belongs to one that was moved away, and would be played into the new one. */
function refuseData(file: string): void {
  for (const log of [`${file}-wal`, `${file}-journal`]) {
    if (sizeOf(file) === 0 && sizeOf(log) > 0) {
      throw new BackupError(
        `${log} belongs to a database that was here and holds a part of its data. Move it to where that database is. ` +
          'Nothing was changed.',
      );
    }
  }
  if (sizeOf(file) === 0) return;
  const db = new DatabaseSync(file);
  try {
    const found = db.prepare('SELECT count(*) AS n FROM sqlite_master').get() as { n: number };
    if (found.n === 0) return;
  } finally {
    db.close();
  }
  throw notEmpty(file, 'Move the file away with its -wal and -shm, or choose another DATA_DIR.');
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

function removeDatabase(file: string): void {
  for (const path of [file, `${file}-journal`, `${file}-wal`, `${file}-shm`]) rmSync(path, { force: true });
}

/** The bytes of a file, or the names in a folder. */
function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
