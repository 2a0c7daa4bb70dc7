import type { FastifyReply } from 'fastify';
import { type Answer, Raw } from './answer.ts';

/**
 * Puts an answer on the wire. JSON goes out without a charset: it has none (RFC 8259 §11). Bytes, because the server
 * would add one to text.
 */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  for (const name in answer.headers) {
    const value = answer.headers[name]!;
    reply.header(name, typeof value === 'string' ? value : [...value]);
  }
  const { body } = answer;
  if (body === undefined) return reply.send();
  if (body instanceof Raw) return reply.header('content-type', body.type).send(body.bytes);
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(body)));
}
