import { type RequestListener, type Server, STATUS_CODES } from 'node:http';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Clock } from '../base/clock.ts';
import type { HttpConfig } from '../base/configuration.ts';
import type { Random } from '../base/random.ts';
import { clientAddressBehind } from './kit/client-address.ts';
import { type OpenStreams, openStreams } from './kit/event-stream.ts';
import { openShortcuts, type Shortcuts } from './kit/shortcuts.ts';
import type { RequestMetrics } from './ops/metrics.ts';

declare module 'fastify' {
  interface FastifyInstance {
    readonly streams: OpenStreams;
    readonly shortcuts: Shortcuts;
  }
  interface FastifyRequest {
    /** In place of the framework's `ip`, which is whatever text a proxy passed on. */
    readonly clientAddress: string | null;
  }
}

export interface ServerDeps {
  readonly config: HttpConfig;
  readonly log: FastifyBaseLogger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: RequestMetrics;
}

/** How paths are answered that the router could not read. `undecodable`: their escapes are not UTF-8. */
export type AnswerStrangePath = (request: FastifyRequest, reply: FastifyReply, undecodable: boolean) => unknown;

declare module 'fastify' {
  interface FastifyInstance {
    onStrangePath(answer: AnswerStrangePath): void;
    /** Every connection ends with the next answer that it carries. */
    endConnections(): void;
  }
}

/** The bare server: limits, ids, headers every answer carries. It knows no dialect and no page. */
export function createServer({ config, log, clock, random, metrics }: ServerDeps): FastifyInstance {
  const nextId = requestIds(random);
  const debugging = ['trace', 'debug'].includes(log.level);
  const standing = standingHeaders(config);
  const strange: { answer: AnswerStrangePath } = { answer: (_request, reply) => reply.code(404).send() };
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: nextId,
    requestIdHeader: false,
    // A logger for each request would be the dearest part of a session check; lines name the request instead.
    childLoggerFactory: (logger) => logger,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: config.bodyLimitBytes ?? usualBodyLimit,
    requestTimeout: config.requestTimeoutSeconds * 1000,
    connectionTimeout: config.requestTimeoutSeconds * 1000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 16_384, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false },
    clientErrorHandler: refuseConnection,
    // A path that cannot be read is refused in the words of the surface it would belong to.
    frameworkErrors: (error, request, reply) => void strange.answer(request, reply, error.code === 'FST_ERR_BAD_URL'),
    schemaController: { compilersFactory: { buildValidator: unwanted, buildSerializer: unwanted } },
  });

  const clientAddress = clientAddressBehind(config.trustedProxies);
  app.decorateRequest('clientAddress', {
    getter() {
      return clientAddress(this.raw);
    },
  });
  const streams = openStreams(clock);
  app.decorate('streams', streams);
  const shortcuts = openShortcuts({
    clientAddress,
    nextId,
    standing,
    onTaken({ id, route, status, seconds, ip }) {
      metrics.count('GET', route, status, seconds);
      if (debugging) log.debug({ request: id, method: 'GET', route, status, ip }, 'request');
    },
  });
  app.decorate('shortcuts', shortcuts);
  takeFirst(app.server, shortcuts);
  app.addHook('preClose', (done) => {
    shortcuts.close();
    streams.endAll();
    done();
  });

  app.decorate('onStrangePath', (answer: AnswerStrangePath) => {
    strange.answer = answer;
  });
  let ending = false;
  app.decorate('endConnections', () => {
    ending = true;
    shortcuts.close();
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (ending) reply.header('connection', 'close');
    reply.header('x-request-id', request.id);
    for (const [name, value] of standing) reply.header(name, value);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    metrics.observe(request, reply);
    if (reply.statusCode >= 500) request.log.error(seen(request, reply.statusCode), 'request failed');
    else if (debugging) request.log.debug(seen(request, reply.statusCode), 'request');
    done();
  });
  return app;
}

const standingHeaders = ({ publicUrl }: HttpConfig): readonly (readonly [name: string, value: string])[] => [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ...(publicUrl.startsWith('https:') ? [['strict-transport-security', 'max-age=31536000'] as const] : []),
];

const usualBodyLimit = 1_048_576;

/** Beside the framework's listener, not in a hook of it: by then most of the cost has been paid. */
function takeFirst(server: Server, shortcuts: Shortcuts): void {
  const [usual] = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!shortcuts.take(request, response)) usual!(request, response);
  });
}

/** What a log line says of a request: the route, never the query, where secrets of mail links are (rule 36). */
const seen = (request: FastifyRequest, status: number) => ({
  request: request.id,
  method: request.method,
  route: request.routeOptions.url ?? 'unknown',
  status,
  ip: request.clientAddress,
});

/** Short, unguessable enough not to collide between nodes, and cheap. */
function requestIds(random: Random): () => string {
  const node = Buffer.from(random.bytes(5)).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${node}-${count.toString(36)}`;
  };
}

/** Endpoints are validated in `kit/`. The framework's own validation would be loaded at the start: 8 MB for nothing. */
function unwanted(): never {
  throw new Error('a route has a schema of the framework, which nothing here compiles');
}

/** Bytes that are not HTTP get a status line and nothing more. */
function refuseConnection(error: NodeJS.ErrnoException, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
