import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { LoadTarget } from '../backup/load-target.ts';
import { columnList, quoted } from '../backup/table-shapes.ts';
import type { Database } from '../schema.ts';
import { damageOf } from './damage.ts';
import { sqliteDialect } from './dialect.ts';
import type { SqlValue } from './protocol.ts';
import { statementRunner } from './statements.ts';
import { bookExists, sqliteShapes } from './table-shapes.ts';

type Loading = Omit<LoadTarget, 'publish' | 'abandon'>;

/**
 * A database that is made in one go: nothing waits for the disk, and foreign keys are checked once, at the end. Whoever
 * keeps the file syncs it; whoever has a fault throws it away.
 */
export function openNewFile(file: string): { readonly target: Loading; close(): void } {
  closeSync(openSync(file, 'wx', 0o600));
  const db = new DatabaseSync(file);
  db.exec(
    'PRAGMA journal_mode = PERSIST; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF',
  );
  const run = statementRunner(db);
  const reach = new Kysely<Database>({
    dialect: sqliteDialect({
      run(sql, parameters, begin = false) {
        if (begin) db.exec('BEGIN IMMEDIATE');
        return run(sql, parameters);
      },
      acquire: async () => () => {},
      explain: (fault) => fault,
    }),
  });
  const inserts = new Map<string, StatementSync>();
  const target: Loading = {
    engine: 'sqlite',
    migrations: {
      ...{ engine: 'sqlite', begin: 'BEGIN IMMEDIATE', commit: 'COMMIT', rollback: 'ROLLBACK' },
      prepare: async () => {},
      hasBook: async (connection) => (await connection.rows(bookExists)).length > 0,
      locked: (work) =>
        work({
          script: async (sql) => db.exec(sql),
          rows: async (sql, parameters = []) => run(sql, parameters as readonly SqlValue[]).rows,
        }),
    },
    indexed: { name: 'sqlite', reader: reach, transaction: (work) => reach.transaction().execute(work) },
    tables: async () => sqliteShapes(db),
    async insert({ name }, columns, rows) {
      const text = `INSERT INTO ${quoted(name)} (${columnList(columns)}) VALUES (${columns.map(() => '?').join(', ')})`;
      const insert = inserts.get(text) ?? db.prepare(text);
      inserts.set(text, insert);
      db.exec('BEGIN');
      for (const row of rows) insert.run(...row);
      db.exec('COMMIT');
    },
    async count({ name }) {
      return Number(run(`SELECT count(*) AS n FROM ${quoted(name)}`, []).rows[0]!.n);
    },
    damage: async () => damageOf(db, 'integrity_check'),
  };
  return { target, close: () => db.isOpen && db.close() };
}

/** A database for looking at a backup, in the folder for temporary files. It is gone in the end. */
export function scratchTarget(): LoadTarget {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-verify-'));
  const { target, close } = openNewFile(join(folder, 'latchkey.db'));
  const remove = async () => {
    close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...target, publish: remove, abandon: remove };
}
