import type { Kysely, Transaction } from 'kysely';
import type { EngineName } from './engine-name.ts';
import type { MigrationHost } from './migrate.ts';
import type { Database } from './schema.ts';

/** What differs between SQLite and PostgreSQL, and nothing else. */
export interface Engine {
  readonly name: EngineName;
  /** Reads that never wait for a transaction in progress. */
  readonly reader: Kysely<Database>;
  /** Single writes of housekeeping that need no transaction around them. */
  readonly writer: Kysely<Database>;
  readonly migrations: MigrationHost;
  /** Rows of a statement compiled once, for the hot path. `name` tells prepared statements apart. */
  rows(statement: PreparedText, parameters: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /**
   * Commits what `work` did, or rolls back and throws. A statement that failed dooms its transaction even when the
   * error was caught: PostgreSQL cannot go on after one, so SQLite does not either.
   */
  transaction<T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T>;
  /** A pooler may give each transaction another connection of the server: nothing may be kept on one. */
  readonly pooled: boolean;
  /** @throws StoreUnavailable */
  ping(): Promise<void>;
  version(): Promise<string>;
  /** The database server's clock, in milliseconds; null when the database is in this process. */
  serverTime(): Promise<number | null>;
  /** Grows when another process changed people or sessions. Constant where nodes tell each other over a bus. */
  foreignWrites(): number;
  diagnose(): Promise<Diagnosis>;
  /** Absent where the engine tidies up by itself. See `OpenStore.rest`. */
  rest?(): Promise<void>;
  /** Lets the running transaction finish. */
  close(): Promise<void>;
}

/** What an operator asks of a database that may be ill. */
export interface Diagnosis {
  /** What the engine's own check found, in its words; empty when nothing is broken. */
  readonly damage: readonly string[];
  /** As `serverTime`. */
  readonly time: number | null;
}

export interface PreparedText {
  readonly name: string;
  readonly sql: string;
}

/** Faults that have no caller to be thrown at: a lost listener, an idle connection that broke. */
export type FaultReport = (what: string, fault: unknown) => void;
