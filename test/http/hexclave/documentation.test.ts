import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { endpointTable } from '../../../scripts/endpoint-table.ts';
import { routes } from '../../../src/http/hexclave/routes.ts';

describe('docs/dialects/hexclave.md', () => {
  test('lists every endpoint that is served (scripts/endpoint-docs.ts brings it up to date)', () => {
    const text = readFileSync(new URL('../../../docs/dialects/hexclave.md', import.meta.url), 'utf8');
    expect(text).toContain(`<!-- endpoints -->\n${endpointTable('hexclave')}\n<!-- /endpoints -->`);
  });

  test('every operation has a name of its own', () => {
    const names = routes.map(({ operationId }) => operationId);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    const paths = routes.map(({ method, path }) => `${method} ${path}`);
    expect(paths.filter((path, at) => paths.indexOf(path) !== at)).toEqual([]);
  });
});
