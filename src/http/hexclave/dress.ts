import type { FastifyRequest } from 'fastify';
import { type Answer, Raw } from '../kit/answer.ts';
import { allowedHeaders } from '../kit/cors.ts';
import type { HexclaveSettings } from './settings.ts';

/** A header in both families; the older one alone where clients compare every header (spec §1.4). */
const inFamilies = (settings: HexclaveSettings, name: string, value: string): Record<string, string> => ({
  [`x-stack-${name}`]: value,
  ...(settings.generation === 'current' && { [`x-hexclave-${name}`]: value }),
});

/** Set by `errors.ts` on answers that are known errors; `dress` spells it in the headers. */
export const knownErrorHeader = 'x-known-error';

/** Marks text; everything else is JSON. */
export const plainText = (words: string): Raw => new Raw(words, 'text/plain; charset=utf-8');

/** What every answer of the dialect shares (spec §1.3, §1.4). */
export function dress(settings: HexclaveSettings, answer: Answer, request: FastifyRequest): Answer {
  const { [knownErrorHeader]: knownError, ...given } = answer.headers ?? {};
  const overridden =
    answer.status >= 400 && answer.status < 500 && header(request, 'override-error-status') !== undefined;
  return {
    status: overridden ? 200 : answer.status,
    body: spelled(answer, request, knownError !== undefined),
    headers: {
      'cache-control': 'no-store, max-age=0',
      ...corsHeaders,
      ...inFamilies(settings, 'request-id', request.id),
      ...(knownError !== undefined && inFamilies(settings, 'known-error', String(knownError))),
      ...(overridden && inFamilies(settings, 'actual-status', String(answer.status))),
      ...given,
    },
  };
}

function spelled({ body }: Answer, request: FastifyRequest, indented: boolean): unknown {
  if (body === undefined || body instanceof Raw) return body;
  const readByPeople = request.headers.accept?.includes('text/html') === true;
  return new Raw(JSON.stringify(body, null, indented || readByPeople ? 2 : 0), 'application/json; charset=utf-8');
}

const header = (request: FastifyRequest, name: string): unknown =>
  request.headers[`x-hexclave-${name}`] ?? request.headers[`x-stack-${name}`];

/** What a browser may send, beside what it always may (spec §1.2). */
const ownHeaders = [
  ...[
    'access-type',
    'project-id',
    'branch-id',
    'publishable-client-key',
    'secret-server-key',
    'super-secret-admin-key',
  ],
  ...['admin-access-token', 'access-token', 'refresh-token', 'allow-anonymous-user', 'allow-restricted-user'],
  ...['client-version', 'override-error-status', 'random-nonce', 'request-type', 'api-key', 'development-override-key'],
  ...['disable-artificial-development-delay', 'development-disable-extended-logging'],
];
const usualHeaders = [
  ...['content-type', 'authorization'],
  ...ownHeaders.flatMap((name) => [`x-stack-${name}`, `x-hexclave-${name}`]),
  ...['baggage', 'sentry-trace', 'x-vercel-protection-bypass', 'ngrok-skip-browser-warning'],
];
const exposedHeaders = [
  'content-type',
  ...['actual-status', 'known-error', 'request-id'].flatMap((name) => [`x-stack-${name}`, `x-hexclave-${name}`]),
].join(', ');

/** Any origin, and never a cookie: every credential is in a header (spec §1.3). */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': exposedHeaders,
} as const;

/** No origin has more than another, so each is allowed the headers that it asks for. */
export const preflightHeaders = (request: FastifyRequest) => ({
  ...corsHeaders,
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': allowedHeaders(request, usualHeaders),
  'access-control-max-age': '86400',
  vary: ['access-control-request-headers', ...usualHeaders].join(', '),
});
