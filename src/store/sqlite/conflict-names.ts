import { Conflict } from '../../core/store.ts';
import { isUniqueViolation, type SqlValue, type StatementResult } from './protocol.ts';

/**
 * SQLite names the columns of a refused row ("UNIQUE constraint failed: email.project_id, email.normal") where
 * PostgreSQL names the index. Use cases know indexes, so the columns are looked up in the schema.
 */
export function conflictNames(
  read: (sql: string, parameters: readonly SqlValue[]) => StatementResult,
): (fault: unknown) => unknown {
  let names: ReadonlyMap<string, string> | null = null;

  function indexOf(columns: string): string | undefined {
    const found = names?.get(columns);
    if (found) return found;
    names = uniqueIndexes(read); // first conflict, or the schema moved on since
    return names.get(columns);
  }

  return (fault) => {
    if (!isUniqueViolation(fault)) return fault;
    const columns = fault.message.replace(/^.*constraint failed: /, '');
    const named = /^index '(.+)'$/.exec(columns);
    return new Conflict(named?.[1] ?? indexOf(columns) ?? columns);
  };
}

function uniqueIndexes(read: (sql: string, parameters: readonly SqlValue[]) => StatementResult) {
  const { rows } = read(
    `SELECT t.name AS table_name, l.name AS index_name, l.origin AS origin,
            (SELECT string_agg(t.name || '.' || c.name, ', ' ORDER BY c.seqno) FROM pragma_index_info(l.name) c) AS columns
       FROM sqlite_master t, pragma_index_list(t.name) l
      WHERE t.type = 'table' AND l."unique" = 1`,
    [],
  );
  const names = new Map<string, string>();
  for (const row of rows as unknown as IndexRow[]) {
    // PostgreSQL's own name for a primary key.
    const name = row.origin === 'pk' ? `${row.table_name}_pkey` : row.index_name;
    const twin = names.get(row.columns);
    if (twin)
      throw new Error(`unique indexes ${twin} and ${name} have the same columns: a conflict could not be told apart`);
    names.set(row.columns, name);
  }
  return names;
}

interface IndexRow {
  readonly table_name: string;
  readonly index_name: string;
  readonly origin: string;
  readonly columns: string;
}
