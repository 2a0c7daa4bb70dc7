import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Another server has the file. `message` says which file and what to do. */
export class DatabaseInUse extends Error {
  constructor(file: string) {
    super(
      `Another server works with ${file}. Two on one SQLite file do not know what the other ended: stop it, give this one a ` +
        'DATA_DIR of its own, or use PostgreSQL for several nodes.',
    );
    this.name = 'DatabaseInUse';
  }
}

/**
 * Makes sure that one server at a time works with a SQLite file, however the last one ended: the operating system lets go
 * of the lock with the process. Commands of the command line do not ask for it.
 * @returns lets go. Keep it for as long as the server runs.
 * @throws DatabaseInUse
 */
export function holdForServer(file: string): () => void {
  const name = `${file}.server`;
  const lock = new DatabaseSync(name);
  try {
    chmodSync(name, 0o600);
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (fault) {
    lock.close();
    throw /locked/.test((fault as Error).message) ? new DatabaseInUse(file) : fault;
  }
  return () => lock.close();
}
