import type { DatabaseSync } from 'node:sqlite';
import type { TableShape } from '../backup/table-shapes.ts';

/** Ordinary tables of the file: full-text tables and what they are kept in are not among them. */
export function sqliteShapes(db: DatabaseSync): readonly TableShape[] {
  const tables = db
    .prepare(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )
    .all() as { name: string }[];
  const columns = db.prepare('SELECT name, pk FROM pragma_table_info(?) ORDER BY cid');
  const parents = db.prepare('SELECT DISTINCT "table" AS parent FROM pragma_foreign_key_list(?)');
  return tables.map(({ name }) => {
    const all = columns.all(name) as { name: string; pk: number }[];
    const keys = all.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    return {
      name,
      columns: all.map((column) => column.name),
      primaryKey: keys.map((column) => column.name),
      references: (parents.all(name) as { parent: string }[]).map(({ parent }) => parent),
    };
  });
}

/** Has a row when migrations were ever applied. */
export const bookExists = `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'`;
