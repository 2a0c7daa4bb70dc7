import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { uuidV7 } from '../../src/base/ids.ts';
import { systemRandom } from '../../src/base/random.ts';
import { openStore } from '../../src/store/open-store.ts';
import { scratchFolder } from './scratch-folder.ts';

let made: Promise<string> | null = null;

/** A file with every migration applied and nothing else in it, made once in each process. To be copied. */
export function migratedSqlite(): Promise<string> {
  made ??= make();
  return made;
}

async function make(): Promise<string> {
  const file = join(scratchFolder('migrated'), 'latchkey.db');
  const clock = systemClock();
  const store = await openStore({ engine: 'sqlite', file }, { clock, ids: uuidV7(clock, systemRandom()) });
  await store.migrate();
  // Closing writes the log back, so that the file alone is the database.
  await store.close();
  return file;
}
