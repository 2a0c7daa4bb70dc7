import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import operations from '../../data/better-auth-operations.json' with { type: 'json' };
import { contractOf } from '../../kit/contract.ts';
import { dereferenced } from '../../kit/openapi.ts';
import { createWorld, type World } from '../../kit/world.ts';

/** Operations of the seed document that are still to come. A row that is built must go. */
const toCome: readonly string[] = [];

/** They answer by redirect or with a page, whatever the seed document says (spec §2.1, §2.2). */
const withoutJson = new Set(['GET /reset-password/{token}', 'GET /error']);

const isDone = (status: string): boolean => Number(status) < 400;

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

describe('/better-auth/openapi.json', () => {
  let world: World;
  let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  beforeAll(async () => {
    world = await createWorld();
    const reply = await fetch(`${world.url}/better-auth/openapi.json`);
    ({ paths } = dereferenced((await reply.json()) as { paths: typeof paths }));
  });
  afterAll(() => world.close());

  const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
  const published = ({ method, path }: { method: string; path: string }) => paths[path]?.[method.toLowerCase()];

  test('says which OpenAPI it is and where it is served', async () => {
    const document = (await (await fetch(`${world.url}/better-auth/openapi.json`)).json()) as Record<string, unknown>;
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: world.betterAuthUrl }] });
  });

  test('the operations still to come are exactly those that are missing', () => {
    const missing = operations.filter((operation) => !published(operation));
    expect(missing.map(name).sort()).toEqual([...toCome].sort());
  });

  for (const operation of operations) {
    if (toCome.includes(name(operation))) continue;
    test(`${name(operation)} takes what the seed document says it takes`, () => {
      const ours = published(operation)!;
      if (operation.operationId !== null) expect(ours.operationId).toBe(operation.operationId);
      const body = ours.requestBody?.content['application/json']?.schema.properties ?? {};
      expect(Object.keys(body)).toEqual(expect.arrayContaining(operation.body ?? []));
      const query = ours.parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
      expect(query).toEqual(expect.arrayContaining(operation.query));
    });

    test(`${name(operation)} says what it answers`, () => {
      const { responses } = published(operation)!;
      if (withoutJson.has(name(operation))) expect(Object.keys(responses).filter(isDone)).toHaveLength(1);
      else expect(responses[200]?.content?.['application/json']?.schema).toBeDefined();
    });
  }
});

describe('the contract that every test world enforces', () => {
  const document = {
    servers: [{ url: 'http://x/api' }],
    components: { schemas: { Missing: { type: 'object', properties: { code: { enum: ['MISSING'] } } } } },
    paths: {
      '/thing/{id}': {
        get: {
          responses: {
            200: {
              content: {
                'application/json': {
                  schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
                },
              },
            },
            404: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Missing' } } } },
          },
        },
      },
    },
  };
  const contract = contractOf(document);

  test('lets pass what is documented, and what is not its business', () => {
    contract('GET', 'http://x/api/thing/1?a=b', 200, { id: '1', more: true });
    contract('GET', 'http://x/api/thing/1', 404, { code: 'MISSING' });
    contract('GET', 'http://x/api/other', 200, {});
    contract('GET', 'http://elsewhere/api/thing/1', 200, {});
  });

  test('stops another shape, another status and another word', () => {
    expect(() => contract('GET', 'http://x/api/thing/1', 404, { code: 'GONE' })).toThrow('otherwise than documented');
    expect(() => contract('GET', 'http://x/api/thing/1', 400, {})).toThrow('does not mention');
    expect(() => contract('GET', 'http://x/api/thing/1', 200, { id: 1 })).toThrow('otherwise than documented');
    expect(() => contract('GET', 'http://x/api/thing/1', 201, { id: '1' })).toThrow('does not mention');
  });
});
