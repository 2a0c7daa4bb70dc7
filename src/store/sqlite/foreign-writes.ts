import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Row of `instance` that every process but the server counts up when it changes people or sessions. */
export const foreignWritesKey = 'foreign_writes';

/**
 * Counts what other processes wrote. `PRAGMA data_version` says in two microseconds whether any other connection has
 * committed; only then is the row read, because the server's own writer is another connection too.
 *
 * Asked at most every few milliseconds: under load that is once for hundreds of session checks, and what another
 * process wrote is seen before somebody at a terminal could have sent the next request.
 */
const believedMs = 5;

export function foreignWrites(reader: DatabaseSync): () => number {
  const version = reader.prepare('PRAGMA data_version');
  let row: StatementSync | null = null;
  let seen: unknown = null;
  let count = 0;
  let asked = false;

  const forget = () => {
    asked = false;
  };

  return () => {
    if (asked) return count;
    asked = true;
    setTimeout(forget, believedMs).unref();
    const { data_version: now } = version.get() as { data_version: number };
    if (now === seen) return count;
    seen = now;
    row ??= reader.prepare('SELECT value FROM instance WHERE key = ?'); // the table is there once it was migrated
    count = Number((row.get(foreignWritesKey) as { value: string } | undefined)?.value ?? 0);
    return count;
  };
}
