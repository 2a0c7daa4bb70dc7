import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Client, types } from 'pg';
import type { DatabaseConfig } from '../../src/base/configuration.ts';

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
  create(): Promise<TestDatabase>;
}

const sqlite: Engine = {
  name: 'sqlite',
  async create() {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-store-'));
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
      drop: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};

const postgres: Engine = {
  name: 'postgres',
  async create() {
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
  },
};

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
