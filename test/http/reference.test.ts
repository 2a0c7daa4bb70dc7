import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differenceTable } from '../../scripts/difference-table.ts';
import { axumKitAdditions } from '../data/differences/axumkit.ts';
import { betterAuthDifferences } from '../data/differences/better-auth.ts';
import { hexclaveDifferences } from '../data/differences/hexclave.ts';
import axumKitReference from '../data/reference/axumkit.json' with { type: 'json' };
import betterAuthReference from '../data/reference/better-auth.json' with { type: 'json' };
import hexclaveReference from '../data/reference/hexclave.json' with { type: 'json' };
import { type Difference, differences, type Expected, explains } from '../kit/operation-differences.ts';
import { factsOf, type OperationFacts } from '../kit/operation-facts.ts';
import { createWorld, type World } from '../kit/world.ts';

/** `scripts/reference-facts.ts` makes them from the original's document. */
type Facts = Readonly<Record<string, OperationFacts>>;

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security: readonly object[] }>>>>;
}

let world: World;
beforeAll(async () => {
  world = await createWorld({ contract: false });
});
afterAll(() => world?.close());

const published = async (dialect: string): Promise<Document> =>
  (await (await fetch(`${world.url}/${dialect}/openapi.json`)).json()) as Document;

const shown = ({ operation, at, change }: Difference): string => `${operation}: ${at} ${change}`;

describe.each([
  ['better-auth', betterAuthReference as unknown as Facts, betterAuthDifferences],
  ['hexclave', hexclaveReference as unknown as Facts, hexclaveDifferences],
] as const)('%s beside the document of the original', (dialect, original, expected: readonly Expected[]) => {
  let found: Difference[];
  beforeAll(async () => {
    found = differences(original, factsOf(await published(dialect)));
  });

  test('differs nowhere without a reason (test/data/differences)', () => {
    expect(found.filter((each) => !expected.some((row) => explains(row, each))).map(shown)).toEqual([]);
  });

  test('and every reason is for a difference that is there', () => {
    expect(expected.filter((row) => !found.some((each) => explains(row, each)))).toEqual([]);
  });
});

describe('axumkit beside the overview of the original', () => {
  const added = axumKitAdditions.map(({ operation }) => operation);
  let operations: Map<string, boolean>;
  beforeAll(async () => {
    const { paths } = await published('axumkit');
    operations = new Map(
      Object.entries(paths).flatMap(([path, row]) =>
        Object.entries(row).map(([method, { security }]) => [`${method.toUpperCase()} ${path}`, security.length > 0]),
      ),
    );
  });

  test('has its operations, for who may call them there', () => {
    const there = Object.entries(axumKitReference).map(([operation, { signedIn }]) => [operation, signedIn]);
    expect(there.map(([operation]) => [operation, operations.get(operation as string)])).toEqual(there);
  });

  test('and of others those that are listed', () => {
    const others = [...operations.keys()].filter((operation) => !(operation in axumKitReference));
    expect(others.sort()).toEqual([...added].sort());
  });
});

describe('what is compared', () => {
  const object = (properties: object, required: readonly string[] = []) => ({ type: 'object', properties, required });
  const facts = (body: object, reply: object) =>
    factsOf({
      paths: {
        '/thing': {
          post: {
            requestBody: { content: { 'application/json': { schema: body } } },
            responses: { 200: { content: { 'application/json': { schema: reply } } } },
          },
        },
      },
    });
  const string = { type: 'string' };
  const orNull = { anyOf: [string, { type: 'null' }] };
  const seen = (before: [object, object], now: [object, object]) =>
    differences(facts(...before), facts(...now)).map(({ at, change }) => `${at} ${change}`);

  test('an operation that is not there', () => {
    const found = differences(facts({}, {}), {});
    expect(found).toEqual([{ operation: 'POST /thing', at: '', change: 'lacking' }]);
  });

  test('what a request has to hold, and may hold', () => {
    const there = object({ a: string, b: string, c: orNull }, ['a']);
    const here = object({ a: string, c: string, d: string, e: string }, ['a', 'c', 'd']);
    expect(seen([there, {}], [here, {}]).sort()).toEqual([
      'body.b lacking',
      'body.c required',
      'body.d required',
      'body.e more',
    ]);
    expect(seen([object({ c: orNull }), {}], [object({ c: string }), {}])).toEqual(['body.c null|string → string']);
    // Whoever keeps to the original is served.
    expect(seen([object({ c: string }, ['c']), {}], [object({ c: orNull }), {}])).toEqual([]);
  });

  test('what an answer holds', () => {
    const there = object({ a: string, b: string, c: object({ d: string }) }, ['a']);
    const here = object({ a: string, b: orNull, e: object({ f: string }) });
    expect(seen([{}, there], [{}, here]).sort()).toEqual([
      '200.a optional',
      '200.b string → null|string',
      '200.c lacking',
      '200.e more',
    ]);
    expect(seen([{}, object({ a: string })], [{}, object({ a: string }, ['a'])])).toEqual([]);
  });

  test('a reason stands for what its places say', () => {
    const found = { operation: 'GET /users/{id}', at: '200.items[].name', change: 'string → null|string' };
    const row = { operation: '* /users/*', at: '200*.{name,bio}', change: 'string → null|string', why: '' };
    expect(explains(row, found)).toBe(true);
    expect(explains({ ...row, operation: 'GET /users/{id}', at: '200.items[].*' }, found)).toBe(true);
    expect(explains({ ...row, at: '200*.{nam,bio}' }, found)).toBe(false);
    expect(explains({ ...row, change: 'string → null' }, found)).toBe(false);
  });
});

test.each(['better-auth', 'hexclave', 'axumkit'])(
  'docs/dialects/%s.md lists the differences (scripts/endpoint-docs.ts brings it up to date)',
  (dialect) => {
    const text = readFileSync(new URL(`../../docs/dialects/${dialect}.md`, import.meta.url), 'utf8');
    expect(text).toContain(`<!-- differences -->\n${differenceTable(dialect)}\n<!-- /differences -->`);
  },
);
