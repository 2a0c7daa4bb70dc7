import { parseCookie } from 'cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../../core/context.ts';
import { type Answer, Raw } from '../kit/answer.ts';
import type { Dialect } from '../kit/dialect.ts';
import { openApiDocument } from '../kit/openapi.ts';
import { admit } from './admit.ts';
import { anonymousBrowsers } from './anonymous-browser.ts';
import { AxumKitCall } from './call.ts';
import { anonymousCookie } from './cookies.ts';
import { crossOrigin, servePreflights } from './cross-origin.ts';
import type { AxumKitEndpoint } from './endpoint.ts';
import { badRequest, internalError, notFoundError, validationError, type WireError, wireErrorOf } from './errors.ts';
import { guard } from './guard.ts';
import { inputCheck } from './input-check.ts';
import { knownPaths } from './known-paths.ts';
import { errorWords, tags, turnsAway } from './published.ts';
import { requestId } from './request-id.ts';
import { routesFor } from './routes.ts';
import type { AxumKitSettings } from './settings.ts';
import { readProblem } from './validation-text.ts';

/** Endpoints carry `/v0` themselves: health check and document stand beside it (spec §1.1). */
export const nativePrefix = '';

type WithCall = FastifyRequest & { call: AxumKitCall | null };

/** AxumKit's API over the shared core (docs/dialects/axumkit.md). */
export function axumKit(ctx: Context, settings: AxumKitSettings): Dialect<AxumKitCall, WireError, AxumKitEndpoint> {
  const browserOf = anonymousBrowsers(ctx.random, settings);
  const endpoints = routesFor(settings, ctx.publicUrl, () => openApiDocument(dialect, ctx));
  const methodsAt = knownPaths(endpoints, settings.baseUrl);
  const callOf = (request: FastifyRequest, reply: FastifyReply): AxumKitCall => {
    const held = request as WithCall;
    held.call ??= new AxumKitCall(ctx, request, reply, settings, browserOf);
    return held.call;
  };
  const answer = ({ status, code }: WireError, details?: string): Answer => ({
    status,
    body: { status, code, ...(settings.development && details !== undefined && { details }) },
  });

  const dialect: Dialect<AxumKitCall, WireError, AxumKitEndpoint> = {
    title: 'AxumKit',
    description: 'The AxumKit API, served by Latchkey.',
    version: '0.5.0',
    nativePrefix,
    endpoints,
    // As the framework of the original: everywhere.
    answersHead: () => true,
    browsers: { sessionsIn: 'cookies', originsNamedIn: 'TRUSTED_ORIGINS' },
    securitySchemes: {
      anonymous_id_cookie: { type: 'apiKey', in: 'cookie', name: 'anonymous_user_id' },
      session_id_cookie: { type: 'apiKey', in: 'cookie', name: 'session_id' },
      bearer_token: { type: 'http', scheme: 'bearer' },
    },
    security: { user: [['session_id_cookie'], ['bearer_token']] },
    errorSchema: Type.Object({ status: Type.Integer(), code: Type.String(), details: Type.Optional(Type.String()) }),
    errorWords,
    tags,
    turnsAway: (endpoint) => turnsAway(endpoint, settings),
    call: (_ctx, request, reply) => callOf(request, reply),
    guard,
    admit,
    inputCheck,
    readBodies: (app) => readBodies(app, callOf),
    serveCors: (app, constraints) => servePreflights(app, ctx, constraints),
    refused(refusal, _call, endpoint) {
      const { code, detail } = refusal;
      const answered = answer(wireErrorOf(code, detail, endpoint?.refusals), detail.field);
      if (detail.retryAfterSeconds === undefined) return answered;
      return { ...answered, headers: limitHeaders(ctx, endpoint, detail.retryAfterSeconds, detail.field) };
    },
    invalid(input, endpoint) {
      const { kind, details } = readProblem(input, endpoint);
      if (endpoint.plainQueryErrors) return plain(details);
      return answer(kind === 'shape' ? badRequest : validationError, details);
    },
    malformed(what, request) {
      const endpoint = endpointOf(request);
      if (endpoint?.plainQueryErrors && what.kind === 'json') return plain(what.message);
      if (what.kind === 'too_large' && endpoint?.rawBody) return answer({ status: 400, code: 'file:read_error' });
      if (what.kind === 'json') return answer(badRequest, what.message);
      if (what.kind === 'text') return answer(badRequest, `The ${what.part} is not UTF-8`);
      return answer(badRequest, 'Failed to buffer the request body: length limit exceeded');
    },
    fault: () => answer(internalError),
    notFound(request) {
      const path = request.url.split('?', 1)[0]!;
      const methods = methodsAt(path);
      if (methods !== null) return { status: 405, headers: { allow: methods } };
      return answer(notFoundError, `Path ${path} with method ${request.method} not found`);
    },
    dress(answered, request) {
      const { setCookie } = browserOf(request, anonymousIdShown(request));
      return {
        ...answered,
        headers: {
          ...answered.headers,
          ...crossOrigin(ctx, request),
          ...requestId(request),
          ...(setCookie !== null && { 'set-cookie': setCookie }),
        },
      };
    },
  };
  return dialect;
}

const plain = (text: string): Answer => ({ status: 400, body: new Raw(text, 'text/plain; charset=utf-8') });

const anonymousIdShown = ({ headers }: FastifyRequest): string | undefined =>
  parseCookie(headers.cookie ?? '')[anonymousCookie];

const endpointOf = (request: FastifyRequest): AxumKitEndpoint | undefined =>
  (request.routeOptions.config as unknown as { state?: { endpoint: AxumKitEndpoint } }).state?.endpoint;

/**
 * Bodies of every type are taken as bytes; what they must be is told when their endpoint reads them. Who is not signed
 * in learns that before a byte of the body is looked at (spec §1.3).
 */
function readBodies(app: FastifyInstance, callOf: (request: FastifyRequest, reply: FastifyReply) => AxumKitCall): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
  app.addHook('preParsing', async (request, reply) => {
    const endpoint = endpointOf(request);
    if (endpoint) await admit(callOf(request, reply), endpoint);
  });
}

/** Upstream's limiter counts by route and browser; ours by route and network (spec §1.8). */
function limitHeaders(ctx: Context, endpoint: AxumKitEndpoint | null, seconds: number, field: string | undefined) {
  const front = field === 'front' ? ctx.surface.limits.find(({ path }) => endpoint && path.test(endpoint.path)) : null;
  return {
    'retry-after': String(seconds),
    ...(front && { 'x-ratelimit-limit': String(front.max) }),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(seconds),
  };
}
