import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../../core/context.ts';
import { StoreUnavailable } from '../../core/store.ts';
import { type Answer, Raw } from './answer.ts';
import { IllFormedText } from './body-text.ts';
import type { Call } from './call.ts';
import { serveCors } from './cors.ts';
import type { Dialect, Malformed } from './dialect.ts';
import { drainBody, isTooLarge } from './drain-body.ts';
import type { Endpoint } from './endpoint.ts';
import { isFormType, readForms } from './form-body.ts';
import { countAtFront, frontLimit } from './front-limit.ts';
import { jsonText } from './json-text.ts';
import { logRefusal } from './log-refusal.ts';
import { openApiDocument } from './openapi.ts';
import { OriginNotices } from './origin-notices.ts';
import { send } from './send.ts';
import { textFault } from './text-fault.ts';
import { typeboxTools } from './typebox-tools.ts';
import { InvalidInput, type Issue, validator } from './validation.ts';

export interface ServeOptions {
  readonly ctx: Context;
  /** Path before the native prefix; empty at the root. */
  readonly prefix: string;
  /** The dialect owns this host and answers nowhere else. */
  readonly host: string | null;
  /** Hosts that other dialects own: nothing is answered there. */
  readonly ownedByOthers: readonly string[];
  /** The operator's; null: as the dialect has it. */
  readonly bodyLimitBytes: number | null;
  /** Front limits of the surface (`SurfaceProfile.limits`). */
  readonly limits: boolean;
}

const jsonType = 'application/json';
const formType = 'application/x-www-form-urlencoded';

/** Registers a dialect as a plugin of its own: its parsers, errors and document touch no other. */
export async function serveDialect<C extends Call, W, E extends Endpoint<C, W>>(
  root: FastifyInstance,
  dialect: Dialect<C, W, E>,
  options: ServeOptions,
): Promise<void> {
  const constraints = constraintsOf(options);
  const notices = new OriginNotices(options.ctx, root.log, dialect.browsers);

  await root.register(
    async (app) => {
      if (!app.hasRequestDecorator('call')) app.decorateRequest('call', null);
      await (dialect.readBodies ? dialect.readBodies(app) : readBodies(app));
      app.setErrorHandler((error, request, reply) => {
        if (error instanceof Refusal) notices.refused(error);
        return answerError(dialect, error, request, reply);
      });
      if (options.host === null || options.prefix !== '') {
        let document: Raw | null = null;
        app.get('/openapi.json', { ...constraints }, (_request, reply) => {
          document ??= new Raw(JSON.stringify(openApiDocument(dialect, options.ctx)));
          return send(reply, { status: 200, body: document });
        });
      }
      for (const [path, answer] of Object.entries(dialect.beside ?? {})) {
        app.get(path, { ...constraints }, (_request, reply) => send(reply, answer()));
      }
      await app.register(
        async (native) => {
          native.addHook('onRequest', (request, _reply, done) => {
            notices.look(request);
            done();
          });
          if (dialect.serveCors) dialect.serveCors(native, constraints);
          else serveCors(native, options.ctx, constraints);
          for (const endpoint of dialect.endpoints)
            native.route({ ...route(dialect, endpoint, options), ...constraints });
          for (const [path, answer] of Object.entries(dialect.atOnce ?? {})) {
            const rule = frontLimit(options.ctx, options.limits, path);
            app.shortcuts.add({
              host: options.host,
              notHosts: options.ownedByOthers,
              url: `${options.prefix}${dialect.nativePrefix}${path}`,
              limit: rule && { limiter: options.ctx.limiter, rule },
              answer,
            });
          }
        },
        { prefix: dialect.routePattern ?? dialect.nativePrefix },
      );
    },
    { prefix: options.prefix },
  );
}

function constraintsOf({ host, ownedByOthers }: ServeOptions): object {
  if (host !== null) return { constraints: { host } };
  if (ownedByOthers.length === 0) return {};
  const names = ownedByOthers.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return { constraints: { host: new RegExp(`^(?!(?:${names.join('|')})$)`, 'i') } };
}

/** An empty body is no body, whatever its type says; duplicates of `__proto__` are refused. */
async function readBodies(app: FastifyInstance): Promise<void> {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(jsonType, { parseAs: 'buffer' }, (request, body, done) => {
    let text: string;
    try {
      text = jsonText(body as Buffer);
    } catch (fault) {
      done(fault as Error);
      return;
    }
    if (text === '') done(null, undefined);
    else parseJson(request, text, done);
  });
  readForms(app);
  // Every other type is read and dropped, so that the guard can answer in the dialect's words.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    (request as WithDropped).dropped = body.length > 0;
    done(null, undefined);
  });
}

interface RouteState<C extends Call, W, E extends Endpoint<C, W>> {
  readonly endpoint: E;
}

function route<C extends Call, W, E extends Endpoint<C, W>>(
  dialect: Dialect<C, W, E>,
  endpoint: E,
  options: ServeOptions,
): RouteOptions {
  const { ctx } = options;
  const check = dialect.inputCheck?.(endpoint) ?? inputChecks(endpoint);
  const bodyLimit = endpoint.bodyLimitBytes ?? options.bodyLimitBytes ?? dialect.bodyLimitBytes;
  const limitRule = frontLimit(ctx, options.limits, endpoint.path);

  return {
    method: endpoint.method,
    url: endpoint.path,
    ...(endpoint.method === 'GET' && { exposeHeadRoute: dialect.answersHead(endpoint) }),
    ...(bodyLimit !== undefined && { bodyLimit }),
    config: { state: { endpoint } } as object,
    ...(limitRule && {
      onRequest: (request: FastifyRequest) => countAtFront(ctx, limitRule, request),
    }),
    handler: async (request, reply) => {
      const opened = dialect.call(ctx, request, reply);
      const call = opened instanceof Promise ? await opened : opened;
      (request as WithCall).call = call;
      if (!dialect.readBodies) checkContentType(request, endpoint);
      dialect.guard(call, endpoint);
      check(call);
      endpoint.onlyWith?.(call.ctx);
      const admitted = dialect.admit(call, endpoint);
      const me = admitted instanceof Promise ? await admitted : admitted;
      const answer = await endpoint.handle(call, me);
      const finishing = dialect.finish?.(call, endpoint);
      if (finishing) await finishing;
      return send(reply, dialect.dress ? dialect.dress(answer, request) : answer);
    },
  };
}

/** Where the error handler finds the call of a request that failed half-way. */
type WithCall = FastifyRequest & { call: Call | null };

/** Whether a body was dropped because of its type. */
type WithDropped = FastifyRequest & { dropped?: boolean };

class WrongContentType extends Error {
  readonly malformed: Malformed;
  constructor(malformed: Malformed) {
    super('content type is not allowed');
    this.malformed = malformed;
  }
}

function checkContentType<C extends Call, W>(request: FastifyRequest, endpoint: Endpoint<C, W>): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const sent = request.headers['content-type'];
  if (sent === undefined) return;
  const accepted = endpoint.acceptsForms ? [formType, jsonType] : [jsonType];
  const type = sent.split(';', 1)[0]!.trim().toLowerCase();
  if (accepted.includes(type)) return;
  // What names a type and sends nothing has no body, as `fetch` with an empty text does.
  const wantsNone = endpoint.body === undefined || endpoint.bodyOptional;
  if (wantsNone && (request as WithDropped).dropped === false) return;
  throw new WrongContentType({ kind: 'content_type', type: sent, accepted });
}

/** Validates the parts an endpoint has schemas for; forms, queries and paths are text and are converted first. */
function inputChecks<C extends Call, W>(endpoint: Endpoint<C, W>): (call: C) => void {
  const body = endpoint.body && validator('body', endpoint.body);
  const query = endpoint.query && validator('query', endpoint.query);
  const params = endpoint.params && validator('params', endpoint.params);
  let emptyQueryFits: boolean | null = null;
  return (call) => {
    const { request } = call;
    const issues = textIssues(request);
    call.params = request.params;
    if (params) issues.push(...params(call.params));
    call.query = request.query;
    if (query) {
      emptyQueryFits ??= query({}).length === 0;
      if (!emptyQueryFits || request.url.includes('?')) {
        call.query = typeboxTools().convert(endpoint.query!, request.query);
        issues.push(...query(call.query));
      }
    }
    call.body = request.body;
    if (body) {
      if (call.body === undefined && endpoint.bodyOptional) call.body = {};
      if (isFormType(request.headers['content-type'])) {
        call.body = typeboxTools().convert(endpoint.body!, { ...(call.body as object) });
      }
      issues.push(...body(call.body));
    }
    if (issues.length > 0) throw new InvalidInput(issues);
  };
}

function textIssues({ url, query, params, body }: FastifyRequest): Issue[] {
  // Decoding makes no lone surrogates, and no U+0000 but of this.
  const inAddress = url.includes('%00') ? (textFault(query) ?? textFault(params)) : null;
  const found = { query: inAddress, body: textFault(body) };
  return (['query', 'body'] as const).flatMap((part) => {
    const message = found[part];
    return message === null ? [] : [{ part, path: '', keyword: 'text', params: {}, message, value: undefined }];
  });
}

async function answerError<C extends Call, W, E extends Endpoint<C, W>>(
  dialect: Dialect<C, W, E>,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isTooLarge(error)) await drainBody(request);
  const answer = errorAnswer(dialect, error, request);
  return send(reply, dialect.dress ? dialect.dress(answer, request) : answer);
}

function errorAnswer<C extends Call, W, E extends Endpoint<C, W>>(
  dialect: Dialect<C, W, E>,
  error: unknown,
  request: FastifyRequest,
): Answer {
  const { endpoint } = (request.routeOptions.config as unknown as { state?: RouteState<C, W, E> }).state ?? {};
  const call = (request as WithCall).call as C | null;
  if (error instanceof Refusal) {
    logRefusal(request, error, dialect.title);
    return dialect.refused(error, call, endpoint ?? null, request);
  }
  if (error instanceof InvalidInput && endpoint) return dialect.invalid(error, endpoint, request);
  if (error instanceof WrongContentType) return dialect.malformed(error.malformed, request);
  if (error instanceof StoreUnavailable) {
    request.log.error({ request: request.id, err: error }, 'a request could not be answered');
    const answer = dialect.refused(new Refusal('unavailable', { why: error.message }), call, endpoint ?? null, request);
    return { ...answer, headers: { ...answer.headers, 'retry-after': String(outageSeconds) } };
  }
  const malformed = asMalformed(error, request);
  if (malformed) return dialect.malformed(malformed, request);
  request.log.error({ request: request.id, err: error }, 'fault while answering a request');
  return dialect.fault(request.id);
}

/** Seconds after which to ask again: a database that was restarted is there by then. */
const outageSeconds = 2;

function asMalformed(error: unknown, request: FastifyRequest): Malformed | null {
  if (error instanceof IllFormedText) return { kind: 'text', part: 'body' };
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (isTooLarge(error)) return { kind: 'too_large' };
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || statusCode === 415) {
    return { kind: 'content_type', type: request.headers['content-type'] ?? '', accepted: [jsonType] };
  }
  if (statusCode === 400 || error instanceof SyntaxError) return { kind: 'json', message: (error as Error).message };
  return null;
}
