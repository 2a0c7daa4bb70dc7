import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Lru } from '../../base/lru.ts';
import type { SqlValue, StatementResult } from './protocol.ts';

const capacity = 300;
const nothing: readonly Record<string, unknown>[] = [];

/** Runs statements on one connection, preparing each text once. */
export function statementRunner(db: DatabaseSync): (sql: string, parameters: readonly SqlValue[]) => StatementResult {
  const prepared = new Lru<string, { statement: StatementSync; returnsRows: boolean }>(capacity);
  return (sql, parameters) => {
    let entry = prepared.get(sql);
    if (!entry) {
      const statement = db.prepare(sql);
      entry = { statement, returnsRows: statement.columns().length > 0 };
      prepared.set(sql, entry);
    }
    if (entry.returnsRows) return { rows: entry.statement.all(...parameters), changed: 0 };
    return { rows: nothing, changed: Number(entry.statement.run(...parameters).changes) };
  };
}
