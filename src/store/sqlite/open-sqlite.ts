import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, type Transaction } from 'kysely';
import type { Engine } from '../engine.ts';
import type { Database } from '../schema.ts';
import { conflictNames } from './conflict-names.ts';
import { damageOf } from './damage.ts';
import { sqliteDialect } from './dialect.ts';
import { fileWatch } from './file-watch.ts';
import { foreignWrites } from './foreign-writes.ts';
import { fifoMutex } from './mutex.ts';
import { asOutage } from './outage.ts';
import type { SqlValue } from './protocol.ts';
import { statementRunner } from './statements.ts';
import { bookExists } from './table-shapes.ts';
import { startWriter } from './writer.ts';

/** Opens the file, making it if need be: one writer in a thread of its own, one reader here that never waits for it. */
export async function openSqlite(file: string): Promise<Engine> {
  assertVersion();
  createPrivate(file);
  const writer = await startWriter(file);
  // The reader prevents nothing and changes nothing; in WAL mode it sees what was last committed.
  const reader = new DatabaseSync(file, { readOnly: true });
  reader.exec('PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF');
  const assertSameFile = fileWatch(reader, file);
  const read = statementRunner(reader);
  const nameConflict = conflictNames(read);
  const explain = (fault: unknown) => asOutage(nameConflict(fault));
  const acquire = fifoMutex();
  const free = (): void => {};
  let closing = false;
  /** Statements since the last `rest`, and whether the log holds any from before. */
  let written = 0;
  let logHoldsMore = true;

  const write = new Kysely<Database>({
    dialect: sqliteDialect({
      run(sql, parameters, begin = false) {
        written += 1;
        return writer.ask({ kind: 'statement', sql, parameters: parameters.map(forThread), begin });
      },
      acquire() {
        if (closing) throw new Error('the database is closing');
        return acquire();
      },
      explain,
    }),
  });

  return {
    name: 'sqlite',
    reader: new Kysely<Database>({ dialect: sqliteDialect({ run: read, acquire: async () => free, explain }) }),
    writer: write,
    async rows(statement, parameters) {
      try {
        return read(statement.sql, parameters as readonly SqlValue[]).rows;
      } catch (fault) {
        throw asOutage(fault);
      }
    },
    transaction: <T>(work: (trx: Transaction<Database>) => Promise<T>) => write.transaction().execute(work),
    migrations: {
      engine: 'sqlite',
      begin: 'BEGIN IMMEDIATE',
      commit: 'COMMIT',
      rollback: 'ROLLBACK',
      // Statistics that somebody took from a small database make joins quadratic in a large one, and nothing renews
      // them. Without any, SQLite plans for large tables, which is what every query was written for.
      prepare: async () => {},
      atStart: (connection) =>
        connection.script('DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4'),
      hasBook: async (connection) => (await connection.rows(bookExists)).length > 0,
      async locked(work) {
        const release = await acquire();
        try {
          return await work({
            script: async (sql) => void (await writer.ask({ kind: 'script', sql })),
            rows: async (sql, parameters = []) =>
              (await writer.ask({ kind: 'statement', sql, parameters: parameters as readonly SqlValue[] })).rows,
          });
        } finally {
          release();
        }
      },
    },
    pooled: false,
    async ping() {
      try {
        assertSameFile();
        read('SELECT 1', []);
      } catch (fault) {
        throw asOutage(fault);
      }
    },
    version: async () => `SQLite ${sqliteVersion()}`,
    serverTime: async () => null,
    foreignWrites: foreignWrites(reader),
    diagnose: async () => ({ damage: damageOf(reader), time: null }),
    async rest() {
      const quiet = written === 0;
      logHoldsMore ||= !quiet;
      written = 0;
      if (!quiet || !logHoldsMore || closing) return;
      const release = await acquire();
      try {
        const { rows } = await writer.ask({ kind: 'checkpoint' });
        logHoldsMore = rows[0]?.busy !== 0;
      } finally {
        release();
      }
    },
    async close() {
      if (closing) return;
      closing = true;
      await acquire();
      reader.close(); // first, so that the checkpoint may empty the log
      await writer.close();
    },
  };
}

/** A small view into a large buffer would be copied with all that surrounds it. */
const forThread = (value: SqlValue): SqlValue =>
  value instanceof Uint8Array && value.byteLength < value.buffer.byteLength ? new Uint8Array(value) : value;

function createPrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  // SQLite gives the log and its index the mode of the database.
  chmodSync(file, 0o600);
}

function sqliteVersion(): string {
  const memory = new DatabaseSync(':memory:');
  const { version } = memory.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  memory.close();
  return version;
}

function assertVersion(): void {
  const version = sqliteVersion();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 46)) {
    throw new Error(
      `Latchkey needs SQLite 3.46 or newer; this Node.js (${process.version}) has ${version}. Upgrade Node.js.`,
    );
  }
}
