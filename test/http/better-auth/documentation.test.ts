import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { endpointTable } from '../../../scripts/endpoint-table.ts';

describe('docs/dialects/better-auth.md', () => {
  test('lists every endpoint that is served (scripts/endpoint-docs.ts brings it up to date)', () => {
    const text = readFileSync(new URL('../../../docs/dialects/better-auth.md', import.meta.url), 'utf8');
    expect(text).toContain(`<!-- endpoints -->\n${endpointTable('better-auth')}\n<!-- /endpoints -->`);
  });
});
