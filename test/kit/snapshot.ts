import { readdirSync, readFileSync } from 'node:fs';
import type { TestDatabase } from './engines.ts';

const folder = new URL('../../src/store/migrations/', import.meta.url);

/** Every table that keeps something of a project, as the migrations make them. */
const projectTables = (() => {
  const text = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  return [...text.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"? \(([\s\S]*?)\n\)/g)]
    .filter(([, , columns]) => /^\s*project_id\b/m.test(columns!))
    .map(([, name]) => name!);
})();

const counting = projectTables
  .map((table) => `SELECT '${table}' AS name, count(*) AS found FROM "${table}"`)
  .join(' UNION ALL ');

/** How many rows every table of a project has: cheaper than all of their contents, where much is asked. */
export async function countRows(database: TestDatabase): Promise<Record<string, number>> {
  const rows = await database.rows(counting);
  return Object.fromEntries(rows.map(({ name, found }) => [String(name), Number(found)]));
}

/** Columns that move by reading. */
const restless = new Set(['last_used_at', 'last_active_at']);

const readable = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString('base64')
    : typeof value === 'bigint'
      ? Number(value)
      : value;

/** All rows of a project (of every project without one), table by table: equal before and after means nothing changed. */
export async function snapshot(
  database: TestDatabase,
  options: { readonly projectId?: string; readonly without?: readonly string[] } = {},
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of projectTables) {
    if (options.without?.includes(table)) continue;
    const rows = options.projectId
      ? await database.rows(`SELECT * FROM "${table}" WHERE project_id = ?`, [options.projectId])
      : await database.rows(`SELECT * FROM "${table}"`);
    found[table] = rows
      .map((row) => {
        const kept = Object.entries(row).filter(([column]) => !restless.has(column));
        return JSON.stringify(Object.fromEntries(kept.map(([column, value]) => [column, readable(value)])));
      })
      .sort();
  }
  return found;
}
