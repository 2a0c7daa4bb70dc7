import { describe, expect, test } from 'vitest';
import { expandGrants, type GrantNode } from '../../../src/core/permissions/grant-graph.ts';
import { covers, may, mayAll } from '../../../src/core/permissions/project-rights.ts';

const node = (key: string, contains: string[] = [], change: Partial<GrantNode> = {}): GrantNode => ({
  id: key,
  key,
  kind: 'role',
  holdsAll: false,
  builtIn: true,
  publicName: null,
  description: null,
  owner: false,
  contains,
  ...change,
});
const leaf = (key: string): GrantNode => node(key, [], { kind: 'permission' });

describe('The graph of grants', () => {
  const graph = [
    node('chief', ['deputy', 'a']),
    node('deputy', ['clerk']),
    node('clerk', ['chief', 'b']), // and back to the top
    node('root', [], { holdsAll: true }),
    leaf('a'),
    leaf('b'),
    leaf('c'),
  ];

  test('a role holds what its contents hold, however deep; a cycle ends where it began', () => {
    for (const key of ['chief', 'deputy', 'clerk']) {
      expect(expandGrants(graph, [key])).toEqual([{ all: false, permissions: new Set(['a', 'b']) }]);
    }
  });

  test('what is unknown holds nothing', () => {
    expect(expandGrants(graph, ['nobody'])).toEqual([{ all: false, permissions: new Set() }]);
  });

  test('whatever holds all allows what is not even in the graph', () => {
    expect(may(expandGrants(graph, ['root']), 'invented.later')).toBe(true);
  });

  test('one holding must allow all that is asked; nothing asked is nothing allowed', () => {
    const rights = [...expandGrants(graph, ['c']), ...expandGrants(graph, ['a'])];
    expect([may(rights, 'a'), may(rights, 'c')]).toEqual([true, true]);
    expect(mayAll(rights, ['a', 'c'])).toBe(false);
    expect(mayAll(expandGrants(graph, ['root']), [])).toBe(false);
  });

  test('rights cover what they add up to, and only all covers all (rule 29)', () => {
    const both = [...expandGrants(graph, ['a']), ...expandGrants(graph, ['b'])];
    expect(covers(both, expandGrants(graph, ['chief']))).toBe(true);
    expect(covers(both, expandGrants(graph, ['c']))).toBe(false);
    expect(covers(both, expandGrants(graph, ['root']))).toBe(false);
    expect(covers(expandGrants(graph, ['root']), expandGrants(graph, ['root', 'c']))).toBe(true);
    expect(covers([], [])).toBe(true);
  });
});
