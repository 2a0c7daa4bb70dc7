import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes as axumKitRoutes } from '../../../src/http/axumkit/routes.ts';
import { allRoutes as betterAuthRoutes } from '../../../src/http/better-auth/routes.ts';
import { routes as hexclaveRoutes } from '../../../src/http/hexclave/routes.ts';
import { dereferenced } from '../../kit/openapi.ts';
import { createWorld, type World } from '../../kit/world.ts';

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}

interface Content {
  readonly content?: Readonly<Record<string, Media>>;
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, unknown>>;
    readonly responses: object;
    readonly schemas: { readonly ErrorCode: { readonly enum: readonly string[] } };
  };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const routesOf = { 'better-auth': betterAuthRoutes, hexclave: hexclaveRoutes, axumkit: axumKitRoutes };

/** How each dialect spells a code in its sources. */
const codeForms = {
  'better-auth': /(?:row|unprocessable)\(\s*(?:\d+,\s*)?'([A-Z_]{4,})'|code: '([A-Z_]{4,})'/g,
  hexclave: /'([A-Z][A-Z]+(?:_[A-Z]+)+)'/g,
  axumkit: /code: '([\w:]+)'|row\(\d+, '([\w:]+)'\)/g,
};

/** Words in sources that go into addresses or mails, not into bodies. */
/** Words in capitals that are no codes of the API. */
const elsewhere = new Set(['COOKIE_DOMAIN', 'ERR_BUFFER_TOO_LARGE']);

const everything = {
  ...{ magicLink: true, emailOtp: true, anonymous: true, multiSession: true, oneTimeToken: true, jwt: true },
};

let world: World;
beforeAll(async () => {
  world = await createWorld({ contract: false, betterAuth: everything });
});
afterAll(() => world?.close());

describe.each(['better-auth', 'hexclave', 'axumkit'] as const)('/%s/openapi.json', (dialect) => {
  let raw: Document;
  let document: Document;
  let operations: (Operation & { readonly place: string })[];
  beforeAll(async () => {
    raw = (await (await fetch(`${world.url}/${dialect}/openapi.json`)).json()) as Document;
    document = dereferenced(raw);
    operations = Object.entries(document.paths).flatMap(([path, row]) =>
      Object.entries(row).map(([method, operation]) => ({ ...operation, place: `${method.toUpperCase()} ${path}` })),
    );
  });

  test('is valid OpenAPI 3.1', async () => {
    expect(raw.openapi).toBe('3.1.0');
    expect(await new Validator().validate({ ...structuredClone(raw) })).toMatchObject({ valid: true });
  });

  test('says where it is served', async () => {
    const { url } = document.servers[0]!;
    expect(url.startsWith(`${world.url}/${dialect}`)).toBe(true);
  });

  test('no two operations share an id', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  test('describes every tag, and no other', () => {
    const used = new Set(operations.flatMap(({ tags }) => tags));
    expect(document.tags.map(({ name }) => name)).toEqual([...used]);
    expect(document.tags.filter(({ description }) => !description)).toEqual([]);
  });

  test('says of every operation who may call it, by schemes that are declared', () => {
    const published = routesOf[dialect].filter(({ hidden }) => !hidden);
    for (const { method, path, needs, refusals } of published) {
      const place = `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
      const operation = operations.find((each) => each.place === place);
      if (!operation) continue; // switched off here
      expect([place, operation.security.length === 0]).toEqual([place, needs === 'nobody']);
      for (const name of operation.security.flatMap(Object.keys)) {
        expect(Object.keys(document.components.securitySchemes)).toContain(name);
      }
      // An endpoint may have its own words for it, and what is for services alone is there for nobody else.
      if (needs === 'nobody' || needs === 'server' || refusals?.not_signed_in) continue;
      expect([place, '401' in operation.responses]).toEqual([place, true]);
    }
    expect(operations.length).toBeGreaterThan(35);
  });

  test('says of every operation what it answers to whoever it refuses, and where it did not work', () => {
    for (const { place, responses, requestBody } of operations) {
      const expected = ['429', '500', '503', ...(requestBody ? ['400'] : [])];
      expect([place, Object.keys(responses)]).toEqual([place, expect.arrayContaining(expected)]);
      expect([place, Object.keys(responses).some((status) => Number(status) < 400)]).toEqual([place, true]);
    }
  });

  test('what operations share is a component', () => {
    expect(Object.keys(document.components.responses)).toEqual(
      expect.arrayContaining(['BadRequest', 'Unauthorized', 'TooManyRequests', 'ServiceUnavailable', 'Refused']),
    );
  });

  test('its error codes are all that the sources know', () => {
    const sources = join(import.meta.dirname, '../../../src/http', dialect);
    const written = globSync('**/*.ts', { cwd: sources }).flatMap((file) =>
      [...readFileSync(join(sources, file), 'utf8').matchAll(codeForms[dialect])].map((found) => found[1] ?? found[2]!),
    );
    expect(written.length).toBeGreaterThan(40);
    const known = document.components.schemas.ErrorCode.enum;
    expect([...new Set(written)].filter((code) => !known.includes(code) && !elsewhere.has(code))).toEqual([]);
    if (dialect === 'hexclave') expect(known.filter((code) => !written.includes(code))).toEqual([]);
  });

  test('examples are what the schemas say', () => {
    const media = operations.flatMap(({ place, requestBody, responses }) =>
      [requestBody, ...Object.values(responses)]
        .flatMap((each) => Object.values(each?.content ?? {}))
        .filter(({ example }) => example !== undefined)
        .map(({ schema, example }) => ({ place, schema, example })),
    );
    expect(media.length).toBeGreaterThan(2);
    for (const { place, schema, example } of media) {
      const check = Compile(withoutFormats(schema) as never);
      expect([place, check.Errors(example)]).toEqual([place, []]);
    }
  });
});

/** Formats are this server's own words, which the check does not know. */
const withoutFormats = (schema: object): object =>
  JSON.parse(JSON.stringify(schema), (key, value) => (key === 'format' ? undefined : value));
