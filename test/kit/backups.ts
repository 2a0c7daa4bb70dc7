import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { backUp, type Installed } from '../../src/back-up.ts';
import { headLength, tailLength } from '../../src/store/backup/format.ts';
import { sealLines } from '../../src/store/backup/seal-lines.ts';
import { testClock } from './clock.ts';
import { type CoreWorld, createCoreWorld } from './core-world.ts';
import type { Engine, TestDatabase } from './engines.ts';
import { seededRandom } from './random.ts';
import { removeScratch, scratchFolder } from './scratch-folder.ts';

export const secrets: Installed['config']['secrets'] = {
  current: 'test secret that is long enough 0123456789',
  previous: [],
};

export interface Place extends Installed {
  readonly database: TestDatabase;
}

const place = (database: TestDatabase, dataDir: string): Place => ({
  ...{ database, clock: testClock(), random: seededRandom(dataDir) },
  config: { database: database.config, dataDir, secrets },
});

/** The installation that a world works on. */
export const placeOf = ({ database, dataDir }: Pick<CoreWorld, 'database' | 'dataDir'>): Place =>
  place(database, dataDir);

/** Folders for backups and for what is restored from them. Whoever asked for them removes them. */
export function backupScratch() {
  const folders: string[] = [];
  const folder = (name: string): string => {
    const made = scratchFolder(name);
    folders.push(made);
    return made;
  };

  /** The name of a file that is not there, in a folder of its own. */
  const newFile = (): string => join(folder('backup'), 'test.backup');

  return {
    newFile,

    /** An empty database and an empty folder. */
    emptyPlace: async (engine: Engine): Promise<Place> => place(await engine.createEmpty(), folder('restored')),

    /** @returns the file */
    async takeBackup(installed: Installed): Promise<string> {
      const path = newFile();
      await writing(path, (sink) => backUp(installed, sink));
      return path;
    },

    /** A backup of these lines, with the right digest of the whole. */
    async sealed(lines: readonly string[]): Promise<string> {
      const path = newFile();
      const all = async function* () {
        for (const line of lines) yield `${line}\n`;
      };
      await writing(path, (sink) => sealLines(all(), sink));
      return path;
    },

    remove(): void {
      for (const made of folders) removeScratch(made);
    },
  };
}

/** A world on a restored database. */
export const worldOn = (engine: Engine, { database }: Place): Promise<CoreWorld> =>
  createCoreWorld({ seed: 2, engine: { ...engine, create: async () => database } });

/** What a backup holds, line by line. */
export async function linesOf(path: string): Promise<string[]> {
  const { size } = statSync(path);
  const raw = createReadStream(path, { start: headLength, end: size - tailLength - 1 });
  let text = '';
  for await (const chunk of raw.pipe(createZstdDecompress())) text += (chunk as Buffer).toString('utf8');
  return text.trimEnd().split('\n');
}

async function writing(path: string, write: (sink: ReturnType<typeof createWriteStream>) => Promise<unknown>) {
  const sink = createWriteStream(path);
  await write(sink);
  sink.end();
  await finished(sink);
}

const tables = {
  sqlite: `SELECT name FROM sqlite_master`,
  postgres: `SELECT c.relname::text AS name FROM pg_class c WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())`,
};

/** Whether nothing at all is in a database. */
export const isEmpty = async ({ database }: Place): Promise<boolean> =>
  (await database.rows(tables[database.config.engine])).length === 0;

/** All rows of a table, in the same words on both engines. */
export async function contentOf(database: TestDatabase, table: string): Promise<string[]> {
  // Integers that JavaScript does not hold are compared as text.
  const what = table === 'totp_step' ? 'user_id, operation, CAST(last_step AS TEXT) AS last_step, created_at' : '*';
  const rows = await database.rows(`SELECT ${what} FROM "${table}"`);
  const plain = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  return rows
    .map((row) => JSON.stringify(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))))
    .sort();
}
