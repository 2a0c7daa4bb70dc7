import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { EngineName } from './engine-name.ts';

/**
 * One file of `migrations/`, as written: type words are spelled for an engine when it runs, and `-- up sqlite` opens a
 * section for one engine.
 */
export interface Migration {
  /** `0001-first`: files apply in the order of their names. */
  readonly name: string;
  readonly text: string;
}

export interface MigrationPlan {
  readonly applied: readonly string[];
  /** What `migrate` would run, in order. */
  readonly pending: readonly { readonly name: string; readonly sql: string }[];
}

/** A connection that nobody else writes through meanwhile. */
export interface MigrationConnection {
  /** Several statements at once, without parameters. */
  script(sql: string): Promise<void>;
  rows(sql: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

/** What an engine lends to migrations. */
export interface MigrationHost {
  readonly engine: EngineName;
  /** Statements around each migration. The first opens a transaction which excludes other writers of the same data. */
  readonly begin: string;
  readonly commit: string;
  readonly rollback: string;
  /** Makes the place where tables go, if it is missing. Called in a transaction. */
  prepare(connection: MigrationConnection): Promise<void>;
  /** At every start, before anything is applied. */
  atStart?(connection: MigrationConnection): Promise<void>;
  /** Whether there is a table of applied migrations, where `prepare` puts it. */
  hasBook(connection: MigrationConnection): Promise<boolean>;
  /** Lends one connection for the whole run. Scripts run between `begin` and COMMIT alone. */
  locked<T>(work: (connection: MigrationConnection) => Promise<T>): Promise<T>;
}

export class MigrationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MigrationError';
  }
}

/** Beside this file in the sources and in `dist` alike. */
const here = new URL('./migrations/', import.meta.url);

export const readMigrations = (folder: URL = here): readonly Migration[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ name: file.slice(0, -4), text: readFileSync(new URL(file, folder), 'utf8') }));

const spelling: Record<string, Record<EngineName, string>> = {
  id: { sqlite: 'TEXT', postgres: 'TEXT COLLATE "C"' },
  text: { sqlite: 'TEXT', postgres: 'TEXT COLLATE "C"' },
  time: { sqlite: 'INTEGER', postgres: 'BIGINT' },
  int: { sqlite: 'INTEGER', postgres: 'BIGINT' },
  bool: { sqlite: 'INTEGER', postgres: 'SMALLINT' },
  json: { sqlite: 'TEXT', postgres: 'TEXT' },
  hash: { sqlite: 'BLOB', postgres: 'BYTEA' },
  mac: { sqlite: 'BLOB', postgres: 'BYTEA' },
  enc: { sqlite: 'BLOB', postgres: 'BYTEA' },
  bytes: { sqlite: 'BLOB', postgres: 'BYTEA' },
  strict: { sqlite: 'STRICT', postgres: '' },
};

/** The statements of one direction in the words of one engine. */
export function migrationSql(migration: Migration, direction: 'up' | 'down', engine: EngineName): string {
  const [, ...parts] = migration.text.split(/^-- (up|down)(?: (sqlite|postgres))?[^\S\n]*$/m);
  const sections = Array.from({ length: parts.length / 3 }, (_, index) => parts.slice(index * 3, index * 3 + 3));
  const texts = sections
    .filter(([part, only]) => part === direction && (only === undefined || only === engine))
    .map(([, , text]) => text!.trim());
  if (texts.length === 0) throw new MigrationError(`migration ${migration.name} has no "-- ${direction}" section`);
  return texts.join('\n\n').replaceAll(/\{(\w+)\}/g, (whole, word: string) => {
    const spelled = spelling[word];
    if (!spelled) throw new MigrationError(`migration ${migration.name} uses the unknown type word ${whole}`);
    return spelled[engine];
  });
}

/** Line ends are left out of account, so a checkout on another system is the same file. */
export const checksum = (migration: Migration): string =>
  createHash('sha256').update(migration.text.replaceAll('\r\n', '\n')).digest('hex');

const bookTable = `CREATE TABLE IF NOT EXISTS schema_migration (
  name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`;

/** Applies, reverts and previews the files of `migrations/` on one database. */
export function migrator(host: MigrationHost, clock: Clock, migrations: readonly Migration[]) {
  /** Runs `step` in a transaction of its own. */
  async function inTransaction<T>(connection: MigrationConnection, step: () => Promise<T>): Promise<T> {
    await connection.script(host.begin);
    try {
      const result = await step();
      await connection.script(host.commit);
      return result;
    } catch (fault) {
      await connection.script(host.rollback);
      throw fault;
    }
  }

  async function applied(connection: MigrationConnection): Promise<readonly string[]> {
    if (!(await host.hasBook(connection))) return [];
    const rows = await connection.rows('SELECT name, checksum FROM schema_migration ORDER BY name');
    return rows.map((row) => verified(migrations, String(row.name), String(row.checksum)));
  }

  /** Looks again inside the transaction: another process may have applied the same file while this one waited. */
  const applyNext = (connection: MigrationConnection): Promise<string | null> =>
    inTransaction(connection, async () => {
      const done = await applied(connection);
      const next = migrations.find((migration) => !done.includes(migration.name));
      if (!next) return null;
      await connection.script(migrationSql(next, 'up', host.engine));
      const values = [next.name, checksum(next), clock.now()];
      await connection.rows(insertBook[host.engine], values);
      return next.name;
    });

  return {
    /** Applies what is missing, one transaction each. Names of the files applied. */
    up: (): Promise<readonly string[]> =>
      host.locked(async (connection) => {
        await inTransaction(connection, async () => {
          await host.atStart?.(connection);
          // A role that owns nothing but the tables may start once everything is applied.
          if (await host.hasBook(connection)) return;
          await host.prepare(connection);
          await connection.script(bookTable);
        });
        const names: string[] = [];
        for (let name = await applyNext(connection); name !== null; name = await applyNext(connection)) {
          names.push(name);
        }
        return names;
      }),

    /** Reverts the file applied last. Null when there is none. */
    down: (): Promise<string | null> =>
      host.locked((connection) =>
        inTransaction(connection, async () => {
          const last = (await applied(connection)).at(-1);
          if (last === undefined) return null;
          const migration = migrations.find(({ name }) => name === last)!;
          await connection.script(migrationSql(migration, 'down', host.engine));
          await connection.rows(deleteBook[host.engine], [last]);
          return last;
        }),
      ),

    /** Changes nothing, also on a database that was never migrated. */
    plan: (): Promise<MigrationPlan> =>
      host.locked(async (connection) => {
        const done = await applied(connection);
        const pending = migrations
          .filter(({ name }) => !done.includes(name))
          .map((migration) => ({ name: migration.name, sql: migrationSql(migration, 'up', host.engine) }));
        return { applied: done, pending };
      }),
  };
}

const insertBook: Record<EngineName, string> = {
  sqlite: 'INSERT INTO schema_migration (name, checksum, applied_at) VALUES (?, ?, ?)',
  postgres: 'INSERT INTO schema_migration (name, checksum, applied_at) VALUES ($1, $2, $3)',
};
const deleteBook: Record<EngineName, string> = {
  sqlite: 'DELETE FROM schema_migration WHERE name = ?',
  postgres: 'DELETE FROM schema_migration WHERE name = $1',
};

function verified(migrations: readonly Migration[], name: string, stored: string): string {
  const migration = migrations.find((candidate) => candidate.name === name);
  if (!migration) {
    throw new MigrationError(
      `The database has migration ${name}, which this version of Latchkey does not know: a newer version migrated it. ` +
        'Start that version, or restore the backup made before the upgrade.',
    );
  }
  if (checksum(migration) !== stored) {
    throw new MigrationError(
      `Migration ${name} was changed after it was applied to this database, so the tables may not be what the file says. ` +
        'Put the original file back (git checkout of the version that applied it) and write the change as a new migration.',
    );
  }
  return name;
}
