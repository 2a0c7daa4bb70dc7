import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../../core/context.ts';
import { allowedHeaders, trustedCaller } from '../kit/cors.ts';
import { requestId } from './request-id.ts';

/** On every answer; the origin is named only when it is a trusted one (spec §1.4, core map W7). */
export function crossOrigin(ctx: Context, request: FastifyRequest): Record<string, string> {
  const origin = trustedCaller(ctx, request);
  return {
    vary: 'origin, access-control-request-method, access-control-request-headers',
    'access-control-allow-credentials': 'true',
    ...(origin !== null && { 'access-control-allow-origin': origin }),
  };
}

const ownHeaders = ['content-type', 'authorization', 'x-request-id', 'x-turnstile-token'];

/** Any OPTIONS request on any path is answered as a preflight (spec §1.4). */
export function servePreflights(app: FastifyInstance, ctx: Context, constraints: object): void {
  app.route({
    method: 'OPTIONS',
    url: '/*',
    ...constraints,
    handler: async (request, reply) => {
      const trusted = trustedCaller(ctx, request) !== null;
      reply.headers({
        ...crossOrigin(ctx, request),
        ...requestId(request),
        'access-control-allow-methods': 'GET,POST,PUT,DELETE,OPTIONS,PATCH',
        'access-control-allow-headers': trusted ? allowedHeaders(request, ownHeaders) : ownHeaders.join(','),
        'access-control-max-age': '300',
      });
      return reply.code(200).send();
    },
  });
}
