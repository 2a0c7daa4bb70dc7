import { STATUS_CODES } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Refusal, type RefusalCode } from '../../base/refusal.ts';
import { type Answer, Raw } from './answer.ts';
import type { Call } from './call.ts';
import type { Dialect } from './dialect.ts';
import type { Endpoint } from './endpoint.ts';
import { InvalidInput } from './validation.ts';

/** By status. */
export type RefusedResponses = Record<string, object>;

/**
 * What an operation answers to whoever it refuses: the dialect is asked for its own answers, so that the document says
 * what is said. Refusals that only a use case knows are named by the endpoint (`refuses`); one that does not name them
 * may answer any of the dialect's words.
 */
export function refusedResponses<C extends Call, W, E extends Endpoint<C, W>>(
  dialect: Dialect<C, W, E>,
  endpoint: E,
  { limited }: { readonly limited: boolean },
): RefusedResponses {
  const codes = [...(limited ? ['too_many_requests'] : []), 'unavailable'] as RefusalCode[];
  const refusals = [
    ...dialect.turnsAway(endpoint),
    ...ownRefusals(endpoint),
    ...codes.map((code) => new Refusal(code)),
  ];
  const request = requestOf(endpoint);
  const answers = [
    ...unreadable(dialect, endpoint, request),
    ...refusals.map((refusal) => dialect.refused(refusal, null, endpoint, request)),
    dialect.fault('…'),
  ].filter(({ status }) => status >= 400);
  const exactly = endpoint.refuses !== undefined;
  const anyRefusal = { ...anyError, ...(dialect.refusesInText && anyText) };
  const byStatus = Map.groupBy(answers, ({ status }) => String(status));
  return {
    ...Object.fromEntries(
      [...byStatus].map(([status, told]) => {
        const more = !exactly && ofRules.has(status) ? anyRefusal : null;
        return [status, response(status, told, { exactly, more })];
      }),
    ),
    ...(!exactly && { default: { description: 'What a rule of the operation refuses', content: anyRefusal } }),
  };
}

const ownRefusals = ({ refusals = {}, refuses = [] }: Pick<Endpoint<never, unknown>, 'refusals' | 'refuses'>) => [
  ...(Object.keys(refusals) as RefusalCode[]).map((code) => new Refusal(code)),
  ...refuses.map((each) => (typeof each === 'string' ? new Refusal(each) : new Refusal(each[0], { field: each[1] }))),
];

/** As much of a request as answers look at. */
const requestOf = (endpoint: { readonly method: string; readonly path: string }): FastifyRequest =>
  ({
    method: endpoint.method,
    url: endpoint.path,
    headers: {},
    routeOptions: { config: { state: { endpoint } } },
  }) as unknown as FastifyRequest;

/** What is told of input that cannot be read, or is not what the schemas say. */
function unreadable<C extends Call, W, E extends Endpoint<C, W>>(
  dialect: Dialect<C, W, E>,
  endpoint: E,
  request: FastifyRequest,
): Answer[] {
  const { body, query, params, uploads } = endpoint;
  if (!(body || query || params || uploads)) return [];
  const part = body ? 'body' : query ? 'query' : 'params';
  const issue = { part, path: '', params: {}, message: '', value: undefined } as const;
  const issues = ['type', 'minLength'].map((keyword) => new InvalidInput([{ ...issue, keyword }]));
  const invalid = issues.map((input) => dialect.invalid(input, endpoint, request));
  if (!body && uploads === undefined) return invalid;
  return [
    ...invalid,
    dialect.malformed({ kind: 'json', message: '' }, request),
    dialect.malformed({ kind: 'content_type', type: '', accepted: [] }, request),
    dialect.malformed({ kind: 'too_large' }, request),
  ];
}

/** Statuses that rules of an operation may use as well. */
const ofRules: ReadonlySet<string> = new Set(['400', '401', '403', '404', '409', '422']);

const anyText = { 'text/plain': { schema: { type: 'string' } } };
const anyError = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };

/** Bodies of one status: errors with a code, text, or nothing. */
function response(
  status: string,
  answers: readonly Answer[],
  { exactly, more }: { readonly exactly: boolean; readonly more: object | null },
): object {
  const codes = [...new Set(answers.map(codeOf).filter((code) => code !== null))].sort();
  const text = answers.map(({ body }) => body).find((body) => body instanceof Raw);
  const content = {
    ...(codes.length > 0 && (exactly ? oneOf(codes) : anyError)),
    ...(text && { [text.type.split(';', 1)[0]!]: { schema: { type: 'string' } } }),
    ...more,
  };
  const name = STATUS_CODES[status] ?? status;
  return {
    description: codes.length > 0 ? `${name}: ${codes.map((code) => `\`${code}\``).join(', ')}` : name,
    ...(Object.keys(content).length > 0 && { content }),
  };
}

const oneOf = (codes: readonly string[]): object => ({
  'application/json': {
    schema: {
      allOf: [
        { $ref: '#/components/schemas/Error' },
        { type: 'object', properties: { code: { type: 'string', enum: codes } }, required: ['code'] },
      ],
    },
  },
});

function codeOf({ body }: Answer): string | null {
  const { code } = (body ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : null;
}

/** Every word that the dialect has for an error. */
export function errorCodes<C extends Call, W, E extends Endpoint<C, W>>(dialect: Dialect<C, W, E>): string[] {
  const { endpoints, errorWords } = dialect;
  const answers = endpoints.flatMap((endpoint) => {
    const request = requestOf(endpoint);
    const refusals = [...dialect.turnsAway(endpoint), ...ownRefusals(endpoint)];
    return [
      ...unreadable(dialect, endpoint, request),
      ...refusals.map((refusal) => dialect.refused(refusal, null, endpoint, request)),
    ];
  });
  const codes = [...errorWords, ...answers.map(codeOf)].filter((code) => code !== null);
  return [...new Set(codes)].sort();
}
