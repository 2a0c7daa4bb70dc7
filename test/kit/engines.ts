import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Client, types } from 'pg';
import type { DatabaseConfig } from '../../src/base/configuration.ts';
import { migratedPostgres } from './migrated-postgres.ts';
import { migratedSqlite } from './migrated-sqlite.ts';
import { postgresAnswers } from './postgres-answers.ts';
import { nameInRun, postgresBounds, postgresUrl, runVariable } from './postgres-run.ts';
import { removeScratch, scratchFolder } from './scratch-folder.ts';

type PostgresConfig = Extract<DatabaseConfig, { engine: 'postgres' }>;

/** A database of its own for one test file, gone when it is dropped. */
export interface TestDatabase {
  readonly config: DatabaseConfig;
  /** Looks or writes past the store, over another connection. Parameters are written `?`. */
  rows(sql: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** A copy of a database that was migrated once. */
  create(): Promise<TestDatabase>;
  /** For tests of what migrates it. */
  createEmpty(): Promise<TestDatabase>;
}

const sqlite: Engine = {
  name: 'sqlite',
  async create() {
    const migrated = await migratedSqlite();
    const database = sqliteDatabase();
    copyFileSync(migrated, database.config.file);
    return database;
  },
  createEmpty: async () => sqliteDatabase(),
};

function sqliteDatabase(): TestDatabase & { readonly config: { readonly engine: 'sqlite'; readonly file: string } } {
  const folder = scratchFolder('store');
  const file = join(folder, 'latchkey.db');
  return {
    config: { engine: 'sqlite', file },
    async rows(sql, parameters = []) {
      const db = new DatabaseSync(file, { timeout: 5_000 });
      try {
        return db.prepare(sql).all(...(parameters as SQLInputValue[]));
      } finally {
        db.close();
      }
    },
    drop: async () => removeScratch(folder),
  };
}

const postgres: Engine = {
  name: 'postgres',
  async create() {
    const run = process.env[runVariable];
    if (run === undefined) return postgres.createEmpty();
    const { config, giveBack } = await migratedPostgres(run);
    return postgresDatabase(config, giveBack);
  },
  async createEmpty() {
    const own = crypto.randomUUID().replaceAll('-', '').slice(0, 12);
    const run = process.env[runVariable];
    const schema = run === undefined ? `t_${own}` : nameInRun(run, own);
    const config = { engine: 'postgres', url: postgresUrl, schema, ...postgresBounds } as const;
    const database = postgresDatabase(config, async () => {
      await database.rows(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    });
    return database;
  },
};

/** Looks through one connection: the server starts a process for each, which costs more than most questions. */
function postgresDatabase(config: PostgresConfig, drop: () => Promise<void>): TestDatabase {
  let connecting: Promise<Client> | null = null;
  async function connect(): Promise<Client> {
    const client = new Client({
      connectionString: config.url,
      options: `-c search_path=${config.schema}`,
      types: { getTypeParser: (oid, format) => (oid === 20 ? Number : types.getTypeParser(oid, format as 'text')) },
    });
    // The server may be told to end it; the next question connects again.
    client.on('error', () => undefined);
    client.once('end', () => {
      connecting = null;
    });
    await client.connect();
    return client;
  }
  return {
    config,
    async rows(sql, parameters = []) {
      let count = 0;
      const numbered = sql.replaceAll('?', () => `$${++count}`);
      connecting ??= connect();
      const client = await connecting;
      // Long ones are asked again and again, and planned once.
      const name =
        numbered.length > 1000 ? createHash('sha256').update(numbered).digest('hex').slice(0, 40) : undefined;
      return (await client.query({ name, text: numbered, values: [...parameters] })).rows;
    },
    async drop() {
      await (await connecting)?.end();
      await drop();
    },
  };
}

/** Every database the store speaks to, as far as it can be reached from here. */
export const engines: readonly Engine[] = (await postgresAnswers()) ? [sqlite, postgres] : [sqlite];

/**
 * For tests in which no database answers otherwise than another: one of them, by the title, so that each gets a similar
 * share. `TEST_ENGINES=all` runs them on every one.
 */
export function oneEngine(title: string): readonly Engine[] {
  if (process.env.TEST_ENGINES === 'all') return engines;
  const [first = 0] = createHash('sha256').update(title).digest();
  return [engines[first % engines.length]!];
}
