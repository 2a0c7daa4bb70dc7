import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqlValue, StatementResult } from './protocol.ts';

/** A way to reach one SQLite connection. */
export interface Access {
  /** @param begin take the write lock first */
  run(sql: string, parameters: readonly SqlValue[], begin?: boolean): Promise<StatementResult> | StatementResult;
  /** Waits for its turn; the result gives the turn back. */
  acquire(): Promise<() => void>;
  /** Gives a refused statement the name its caller knows. */
  explain(fault: unknown): unknown;
}

/** Kysely over an SQLite connection that this process holds open. */
export const sqliteDialect = (access: Access): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new SqliteDriver(access),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

class SqliteDriver implements Driver {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new Turn(this.#access, await this.#access.acquire());
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as Turn).stage = 'to begin';
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const turn = connection as Turn;
    if (turn.failure !== null) throw turn.failure;
    await turn.end('COMMIT');
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // After some errors (a full disk) SQLite has rolled back by itself; the first error is the one to tell.
    await (connection as Turn).end('ROLLBACK').catch((fault) => {
      if (!/no transaction is active/.test(String(fault))) throw fault;
    });
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as Turn).release();
  }

  async destroy(): Promise<void> {}
}

/** The connection while one caller has it. */
class Turn implements DatabaseConnection {
  readonly #access: Access;
  readonly release: () => void;
  /** First error of this turn. */
  failure: unknown = null;
  /** A transaction begins with its first statement: one question less for the writer thread. */
  stage: 'to begin' | 'begun' = 'begun';

  constructor(access: Access, release: () => void) {
    this.#access = access;
    this.release = release;
  }

  async run(sql: string, parameters: readonly SqlValue[]): Promise<StatementResult> {
    const begin = this.stage === 'to begin';
    this.stage = 'begun';
    try {
      return await this.#access.run(sql, parameters, begin);
    } catch (fault) {
      const known = this.#access.explain(fault);
      this.failure ??= known;
      throw known;
    }
  }

  /** Nothing ends where nothing began. */
  async end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    if (this.stage === 'begun') await this.run(how, []);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changed } = await this.run(query.sql, query.parameters as readonly SqlValue[]);
    return { rows: rows as R[], numAffectedRows: BigInt(changed) };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it, and nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('rows are not streamed from SQLite');
  }
}
