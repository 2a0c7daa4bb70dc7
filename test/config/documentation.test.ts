import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keyTables } from '../../src/config/key-tables.ts';

describe('docs/configuration.md', () => {
  const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

  for (const [name, table] of Object.entries(keyTables())) {
    test(`holds the table "${name}" as it is read (scripts/config-docs.ts --write brings it up to date)`, () => {
      expect(text).toContain(table);
    });
  }
});
