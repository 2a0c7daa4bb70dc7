/** A table as the database itself describes it, so that a schema of any version can be copied. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  /** Rows are copied in its order: equal data makes equal parts, whatever the engine. */
  readonly primaryKey: readonly string[];
  /** Names of tables that foreign keys point to. */
  readonly references: readonly string[];
}

/** Parents before children, so that foreign keys hold at every row. Otherwise by name. */
export function parentsFirst(tables: readonly TableShape[]): readonly TableShape[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const ordered = new Set<TableShape>();
  const place = (table: TableShape, children: readonly string[]): void => {
    if (ordered.has(table)) return;
    if (children.includes(table.name)) throw new Error(`foreign keys in a circle: ${children.join(', ')}`);
    for (const parent of table.references) {
      const known = byName.get(parent);
      if (known && known !== table) place(known, [...children, table.name]);
    }
    ordered.add(table);
  };
  for (const name of [...byName.keys()].sort()) place(byName.get(name)!, []);
  return [...ordered];
}

/** A name inside a statement, as both engines quote it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const columnList = (columns: readonly string[]): string => columns.map(quoted).join(', ');
