import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Client, types } from 'pg';
import type { DatabaseConfig } from '../../src/base/configuration.ts';
import { migratedSqlite } from './migrated-sqlite.ts';
import { removeScratch, scratchFolder } from './scratch-folder.ts';

const postgresUrl = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test';

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
  create: async () => postgresDatabase(),
  createEmpty: async () => postgresDatabase(),
};

function postgresDatabase(): TestDatabase {
  const schema = `t_${process.pid}_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;
  async function connected<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({
      connectionString: postgresUrl,
      options: `-c search_path=${schema}`,
      types: { getTypeParser: (oid, format) => (oid === 20 ? Number : types.getTypeParser(oid, format as 'text')) },
    });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
  return {
    config: { engine: 'postgres', url: postgresUrl, schema, poolSize: 10 },
    rows(sql, parameters = []) {
      let count = 0;
      const numbered = sql.replaceAll('?', () => `$${++count}`);
      return connected(async (client) => (await client.query(numbered, [...parameters])).rows);
    },
    drop: () => connected(async (client) => void (await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`))),
  };
}

async function postgresAnswers(): Promise<boolean> {
  const client = new Client({ connectionString: postgresUrl, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (fault) {
    if (process.env.CI === 'true') throw new Error(`PostgreSQL must answer at ${postgresUrl} in CI`, { cause: fault });
    console.warn(`\n!!! PostgreSQL DOES NOT ANSWER AT ${postgresUrl}: ITS HALF OF THE STORE TESTS IS SKIPPED !!!\n`);
    return false;
  }
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
