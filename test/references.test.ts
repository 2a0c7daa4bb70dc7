import { describe, expect, test } from 'vitest';
import { citing, deadReferences, readCitable } from './kit/references.ts';

// Comments cite the core map ("core map E4"), the wire of a dialect (by its section) and the security rules ("rule 12").

const citable = readCitable();

describe('What comments cite', () => {
  test('is in docs/design and docs/wire', () => {
    const files = citing();
    expect(files.size).toBeGreaterThan(1_000);
    expect([...files].flatMap(([file, text]) => deadReferences(citable, file, text))).toEqual([]);
  });

  const text = (said: string) => said.replace('_', ' ');
  test.each([
    ['src/core/a.ts', 'core_map E99'],
    ['src/core/a.ts', 'core_map §9.9'],
    ['src/core/a.ts', 'core_map E1, E99'],
    ['src/http/axumkit/a.ts', 'spec_§9.9'],
    ['src/core/a.ts', 'spec_§1.1'],
    ['src/core/a.ts', 'rule_99'],
  ])('in %s, the guard sees %s', (file, said) => {
    expect(deadReferences(citable, file, text(said))).toHaveLength(1);
  });

  test.each([
    ['src/core/a.ts', 'core_map E1'],
    ['src/http/axumkit/a.ts', 'spec_§1.1'],
    ['src/core/a.ts', 'hexclave spec_§1.1'],
    ['src/core/a.ts', 'rule_12'],
  ])('in %s, %s is found', (file, said) => {
    expect(deadReferences(citable, file, text(said))).toEqual([]);
  });
});
