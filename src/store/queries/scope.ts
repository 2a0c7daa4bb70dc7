import type { Kysely } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { ChangeLog } from '../change-log.ts';
import type { EngineName } from '../engine-name.ts';
import type { Database } from '../schema.ts';

/** What questions are asked through: one project, on the reader or inside a transaction. */
export interface ReadScope {
  readonly db: Kysely<Database>;
  readonly projectId: string;
  /** Spelling of what the engines say differently. */
  readonly engine: EngineName;
  /** Rows of the live-session statement; the reader has it prepared. */
  liveSession(tokenHash: Uint8Array, projectId: string): Promise<Record<string, unknown> | undefined>;
}

/** Inside a transaction. */
export interface WriteScope extends ReadScope {
  readonly clock: Clock;
  readonly changes: ChangeLog;
  /** PostgreSQL has several writers, so rows are locked. On SQLite the transaction is alone anyway. */
  readonly hasRivals: boolean;
}
