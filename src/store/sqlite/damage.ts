import type { DatabaseSync } from 'node:sqlite';

/** Reads every page and every reference once. A healthy file says nothing. */
export function damageOf(db: DatabaseSync): readonly string[] {
  const pages = db.prepare('PRAGMA quick_check').all() as { quick_check: string }[];
  const orphans = db.prepare('PRAGMA foreign_key_check').all() as { table: string; parent: string }[];
  return [
    ...pages.map(({ quick_check: found }) => found).filter((found) => found !== 'ok'),
    ...new Set(orphans.map(({ table, parent }) => `rows of ${table} refer to missing rows of ${parent}`)),
  ];
}
