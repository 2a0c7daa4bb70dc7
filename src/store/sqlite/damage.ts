import type { DatabaseSync } from 'node:sqlite';

/**
 * Reads every page and every reference once. A healthy file says nothing.
 * @param check `integrity_check` also compares every index with its table
 */
export function damageOf(
  db: DatabaseSync,
  check: 'quick_check' | 'integrity_check' = 'quick_check',
): readonly string[] {
  const pages = db.prepare(`SELECT ${check} AS found FROM pragma_${check}`).all() as { found: string }[];
  const orphans = db.prepare('PRAGMA foreign_key_check').all() as { table: string; parent: string }[];
  return [
    ...pages.map(({ found }) => found).filter((found) => found !== 'ok'),
    ...new Set(orphans.map(({ table, parent }) => `rows of ${table} refer to missing rows of ${parent}`)),
  ];
}
