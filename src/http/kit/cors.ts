import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../../core/context.ts';
import { isTrustedOrigin } from '../../core/return-urls.ts';

/** RFC 9110 §5.6.2: what a header may be called. */
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const mostNames = 100;

/**
 * The headers that a page may send: those of the API, and those that it asks for. Tracing and event streams send names of
 * their own (`sentry-trace`, `Last-Event-ID`), and no header gives a page that is trusted more than it has.
 */
export function allowedHeaders({ headers }: FastifyRequest, own: readonly string[]): string {
  const asked = headers['access-control-request-headers']?.split(',').map((name) => name.trim().toLowerCase()) ?? [];
  const named = asked.slice(0, mostNames).filter((name) => headerName.test(name));
  return [...new Set([...own, ...named])].join(', ');
}

/** Of a page on another origin that may call: null when it is not trusted, or none is named. */
export function trustedCaller(ctx: Context, { headers: { origin } }: FastifyRequest): string | null {
  return origin !== undefined && isTrustedOrigin(ctx, origin) ? origin : null;
}

/** That the browser hands an answer to the page. */
export function corsHeaders(ctx: Context, request: FastifyRequest): Record<string, string> {
  const origin = trustedCaller(ctx, request);
  if (origin === null) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  };
}

/**
 * Browser applications on configured origins may call with credentials; their preflights are answered (core map W7).
 * From elsewhere nothing is said, and the browser keeps the answer from the page.
 */
export function serveCors(app: FastifyInstance, ctx: Context, constraints: object): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(corsHeaders(ctx, request));
    done();
  });
  app.route({
    method: 'OPTIONS',
    url: '/*',
    ...constraints,
    handler: async (request, reply) => {
      const asked = request.headers['access-control-request-method'];
      if (asked === undefined || trustedCaller(ctx, request) === null) return reply.code(404).send();
      reply.header('vary', 'Origin, Access-Control-Request-Headers');
      reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
      reply.header('access-control-allow-headers', allowedHeaders(request, usualHeaders));
      reply.header('access-control-max-age', '600');
      return reply.code(204).send();
    },
  });
}

const usualHeaders = ['content-type', 'authorization', 'x-api-key', 'x-captcha-response'];
