import type { TSchema } from 'typebox';
import type { Call } from './call.ts';
import type { Dialect } from './dialect.ts';
import type { Endpoint } from './endpoint.ts';
import type { Needs } from './needs.ts';

/**
 * The dialect's OpenAPI 3.1 document, made from the schemas that validate its requests.
 * Written here rather than by @fastify/swagger because answers are documented without being serialized by schema: a
 * field that a configured provider or plugin adds must reach the client.
 */
export function openApiDocument<C extends Call, W, E extends Endpoint<C, W>>(
  dialect: Dialect<C, W, E>,
  surfaceUrl: string,
): object {
  const security = dialect.security as Security;
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of dialect.endpoints) {
    if (endpoint.hidden) continue;
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][endpoint.method.toLowerCase()] = operation(endpoint, security);
  }
  return {
    openapi: '3.1.0',
    info: { title: dialect.title, description: dialect.description, version: dialect.version },
    servers: [{ url: `${surfaceUrl}${dialect.nativePrefix}` }],
    components: { securitySchemes: dialect.securitySchemes, responses: notAdmitted(dialect.errorSchema) },
    paths,
  };
}

type Security = { readonly [N in Needs]?: readonly (readonly string[])[] };

/** What everybody is told who may not call. */
const notAdmitted = (schema: TSchema): object => {
  const content = { 'application/json': { schema } };
  return {
    NotSignedIn: { description: 'Not signed in', content },
    Forbidden: { description: 'Forbidden', content },
  };
};
const refusedCallers = {
  401: { $ref: '#/components/responses/NotSignedIn' },
  403: { $ref: '#/components/responses/Forbidden' },
};

function operation<C extends Call, W>(endpoint: Endpoint<C, W>, security: Security): object {
  const types = endpoint.acceptsForms
    ? ['application/json', 'application/x-www-form-urlencoded']
    : ['application/json'];
  return {
    operationId: endpoint.operationId,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: (security[endpoint.needs] ?? []).map((names) => Object.fromEntries(names.map((name) => [name, []]))),
    parameters: [...parameters('path', endpoint.params), ...parameters('query', endpoint.query)],
    ...(endpoint.body && {
      requestBody: {
        required: !endpoint.bodyOptional,
        content: Object.fromEntries(types.map((type) => [type, { schema: endpoint.body }])),
      },
    }),
    ...(endpoint.uploads !== undefined && { requestBody: multipart(endpoint.uploads) }),
    responses: {
      ...(endpoint.needs !== 'nobody' && refusedCallers),
      ...Object.fromEntries(
        Object.entries(endpoint.replies).map(([status, schema]) => [
          status,
          {
            description: (schema as { description?: string } | null)?.description ?? statusText[status] ?? 'Answer',
            ...(schema && { content: { [mediaTypeOf(schema)]: { schema } } }),
          },
        ]),
      ),
    },
  };
}

const mediaTypeOf = (schema: TSchema & { readonly contentMediaType?: string }): string =>
  schema.contentMediaType ?? 'application/json';

const multipart = (part: string): object => ({
  required: true,
  content: {
    'multipart/form-data': {
      schema: { type: 'object', properties: { [part]: { type: 'string', format: 'binary' } }, required: [part] },
    },
  },
});

const statusText: Record<string, string> = {
  200: 'Done',
  302: 'Redirect',
  400: 'Refused',
  401: 'Not signed in',
  403: 'Forbidden',
  404: 'Not found',
};

interface ObjectSchema {
  readonly properties?: Record<string, TSchema & { description?: string }>;
  readonly required?: readonly string[];
}

function parameters(place: 'path' | 'query', schema: TSchema | undefined): object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}
