import type { TSchema } from 'typebox';
import type { Context } from '../../core/context.ts';
import type { Call } from './call.ts';
import type { Dialect } from './dialect.ts';
import type { Endpoint } from './endpoint.ts';
import type { Needs } from './needs.ts';
import { type Operation, sharedResponses, sharedSchemas } from './openapi-components.ts';
import { errorCodes, type RefusedResponses, refusedResponses } from './openapi-refusals.ts';

/**
 * The dialect's OpenAPI 3.1 document, made from the schemas that validate its requests and from what the dialect itself
 * answers to refusals.
 * Written here rather than by @fastify/swagger because answers are documented without being serialized by schema: a
 * field that a configured provider or plugin adds must reach the client.
 */
export function openApiDocument<C extends Call, W, E extends Endpoint<C, W>>(
  dialect: Dialect<C, W, E>,
  ctx: Pick<Context, 'surface' | 'surfaceUrl'>,
): object {
  const document = made.get(dialect) ?? makeDocument(dialect, ctx);
  made.set(dialect, document);
  return document;
}

/** Making one takes longer than most requests, and anybody may ask for it. */
const made = new WeakMap<object, object>();

function makeDocument<C extends Call, W, E extends Endpoint<C, W>>(
  dialect: Dialect<C, W, E>,
  { surface, surfaceUrl }: Pick<Context, 'surface' | 'surfaceUrl'>,
): object {
  const security = dialect.security as Security;
  const paths: Record<string, Record<string, Operation>> = {};
  const published = dialect.endpoints.filter(({ hidden }) => !hidden);
  for (const endpoint of published) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    const limited = surface.limits.some((row) => row.path.test(endpoint.path));
    const refused = refusedResponses(dialect, endpoint, { limited });
    paths[path][endpoint.method.toLowerCase()] = operation(
      { ...endpoint, ...dialect.publishes?.(endpoint) },
      security,
      refused,
    );
  }
  const tags = new Set(published.map(({ tag }) => tag));
  const responses = sharedResponses(Object.values(paths).flatMap((row) => Object.values(row)));
  const schemas = { ErrorCode: { type: 'string', enum: errorCodes(dialect) }, Error: errorOf(dialect.errorSchema) };
  return sharedSchemas({
    openapi: '3.1.0',
    info: { title: dialect.title, description: dialect.description, version: dialect.version },
    servers: [{ url: `${surfaceUrl}${dialect.nativePrefix}` }],
    tags: [...tags].map((name) => ({ name, description: dialect.tags[name] })),
    components: { securitySchemes: dialect.securitySchemes, schemas, responses },
    paths,
  });
}

type Security = { readonly [N in Needs]?: readonly (readonly string[])[] };

/** The dialect's error, whose `code` is one of its words. */
const errorOf = (schema: TSchema & { readonly properties?: object }): object => ({
  ...schema,
  properties: { ...schema.properties, code: { $ref: '#/components/schemas/ErrorCode' } },
});

/** What of an endpoint is published; a dialect may add to it. */
type Published<C extends Call, W> = Endpoint<C, W> & { readonly headers?: TSchema };

function operation<C extends Call, W>(
  endpoint: Published<C, W>,
  security: Security,
  refused: RefusedResponses,
): Operation {
  const { example } = endpoint;
  return {
    operationId: endpoint.operationId,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: (security[endpoint.needs] ?? []).map((names) => Object.fromEntries(names.map((name) => [name, []]))),
    parameters: [
      ...parameters('path', endpoint.params),
      ...parameters('query', endpoint.query),
      ...parameters('header', endpoint.headers),
    ],
    ...(endpoint.body && {
      requestBody: {
        required: !endpoint.bodyOptional,
        content: Object.fromEntries(
          bodyTypes(endpoint).map((type) => [
            type,
            { schema: endpoint.body, ...(example?.body !== undefined && { example: example.body }) },
          ]),
        ),
      },
    }),
    ...(endpoint.uploads !== undefined && { requestBody: multipart(endpoint.uploads) }),
    responses: {
      ...refused,
      ...Object.fromEntries(
        Object.entries(endpoint.replies).map(([status, schema]) => [status, reply(status, schema, example?.reply)]),
      ),
    },
  } as Operation;
}

const bodyTypes = ({ acceptsForms }: { readonly acceptsForms?: boolean }): readonly string[] =>
  acceptsForms ? ['application/json', 'application/x-www-form-urlencoded'] : ['application/json'];

/** @param example of the answer that most callers get: the first */
function reply(status: string, schema: TSchema | null, example: Readonly<Record<string, unknown>> | undefined): object {
  const { description, contentMediaType = 'application/json' } = (schema ?? {}) as Described;
  const shown = example?.[status];
  return {
    description: description ?? statusText[status] ?? 'Answer',
    ...(schema && { content: { [contentMediaType]: { schema, ...(shown !== undefined && { example: shown }) } } }),
  };
}

interface Described {
  readonly description?: string;
  readonly contentMediaType?: string;
}

const multipart = (part: string): object => ({
  required: true,
  content: {
    'multipart/form-data': {
      schema: { type: 'object', properties: { [part]: { type: 'string', format: 'binary' } }, required: [part] },
    },
  },
});

const statusText: Record<string, string> = { 200: 'Done', 201: 'Made', 202: 'Taken', 204: 'Done', 302: 'Redirect' };

interface ObjectSchema {
  readonly properties?: Record<string, TSchema & { description?: string }>;
  readonly required?: readonly string[];
}

function parameters(place: 'path' | 'query' | 'header', schema: TSchema | undefined): object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}
