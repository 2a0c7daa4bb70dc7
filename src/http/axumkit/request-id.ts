import type { FastifyRequest } from 'fastify';

/** The client's own id comes back; without one the server's stands (spec §1.1). */
export function requestId({ headers }: FastifyRequest): Record<string, string> {
  const sent = headers['x-request-id'];
  return typeof sent === 'string' && /^[\x21-\x7e]{1,200}$/.test(sent) ? { 'x-request-id': sent } : {};
}
