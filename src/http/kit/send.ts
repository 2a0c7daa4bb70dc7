import type { FastifyReply } from 'fastify';
import { type Answer, Raw } from './answer.ts';
import { EventStream } from './event-stream.ts';
import { headerText } from './header-text.ts';

/**
 * Puts an answer on the wire. JSON goes out without a charset: it has none (RFC 8259 §11). Bytes, because the server
 * would add one to text.
 */
export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  for (const name in answer.headers) {
    const value = answer.headers[name]!;
    reply.header(
      name,
      typeof value === 'string' ? headerText(name, value) : value.map((line) => headerText(name, line)),
    );
  }
  const { body } = answer;
  if (body === undefined) return reply.send();
  if (body instanceof Raw) return sendBytes(reply, answer, body);
  if (body instanceof EventStream) return sendStream(reply, answer, body);
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(body)));
}

/** Past the framework's own way out, which costs about as much as a session check itself. Hooks that observe still run. */
function sendBytes(reply: FastifyReply, { status }: Answer, { bytes, type }: Raw): FastifyReply {
  const headers = reply.getHeaders() as Record<string, string | string[]>;
  headers['content-type'] = type;
  headers['content-length'] = String(bytes.length);
  reply.hijack();
  reply.raw.writeHead(status, headers);
  reply.raw.end(bytes, 'latin1');
  return reply;
}

/** The connection is the stream's alone: when it ends, the server may stop. */
function sendStream(reply: FastifyReply, { status }: Answer, stream: EventStream): FastifyReply {
  reply.header('content-type', 'text/event-stream');
  reply.header('cache-control', 'no-cache');
  reply.header('connection', 'close');
  // nginx would hold back what is sent until it has enough of it.
  reply.header('x-accel-buffering', 'no');
  reply.hijack();
  reply.raw.writeHead(status, reply.getHeaders() as Record<string, string | string[]>);
  if (reply.request.method === 'HEAD') reply.raw.end();
  else reply.server.streams.open(reply.raw, stream);
  return reply;
}
