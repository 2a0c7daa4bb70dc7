import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../../core/context.ts';
import { isTrustedOrigin } from '../../core/return-urls.ts';

/** That the browser hands an answer to the page. */
export function corsHeaders(ctx: Context, { headers: { origin } }: FastifyRequest): Record<string, string> {
  if (origin === undefined || !isTrustedOrigin(ctx, origin)) return {};
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
      const { origin } = request.headers;
      const asked = request.headers['access-control-request-method'];
      if (origin === undefined || asked === undefined || !isTrustedOrigin(ctx, origin)) return reply.code(404).send();
      reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
      reply.header('access-control-allow-headers', 'content-type, authorization, x-api-key, x-captcha-response');
      reply.header('access-control-max-age', '600');
      return reply.code(204).send();
    },
  });
}
