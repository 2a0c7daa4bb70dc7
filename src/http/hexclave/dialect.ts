import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Context } from '../../core/context.ts';
import type { DirectoryEntry } from '../../core/projects/directory.ts';
import type { Answer } from '../kit/answer.ts';
import type { Dialect } from '../kit/dialect.ts';
import { admit } from './admit.ts';
import { readBodies } from './bodies.ts';
import type { HexclaveCall } from './call.ts';
import { dress, knownErrorHeader, plainText, preflightHeaders } from './dress.ts';
import type { HexclaveEndpoint } from './endpoint.ts';
import { errorWords } from './error-words.ts';
import { wireOf } from './errors.ts';
import { inputCheck, Problems } from './input-check.ts';
import { openCall } from './open-call.ts';
import { publishes, tags, turnsAway } from './published.ts';
import { routes } from './routes.ts';
import type { HexclaveSettings } from './settings.ts';
import { textsOf } from './texts.ts';
import { known, schemaError, type Wire, type WireError } from './wire-error.ts';

/** Path of the native API below the mount. */
export const nativePrefix = '/api/v1';

/** Every level answers alike (spec §1.1). */
const routePattern = '/api/:version(^(?:v1|latest|v2beta[1-5])$)';

/** Hexclave's API, formerly Stack Auth's, over the shared core (docs/dialects/hexclave.md). */
export function hexclave(
  mounted: { readonly ctx: Context; readonly project: DirectoryEntry },
  settings: HexclaveSettings,
): Dialect<HexclaveCall, WireError, HexclaveEndpoint> {
  const texts = textsOf(settings.generation);
  const methods = methodsByPath(routes);

  return {
    title: 'Hexclave',
    description: 'The Hexclave (formerly Stack Auth) API, served by Latchkey.',
    version: '1.0.0',
    nativePrefix,
    routePattern,
    territory: '/api',
    // Clients ask it when they cannot reach the API (spec §1.1).
    beside: { '/health': () => ({ status: 200, body: { status: 'ok' } }) },
    endpoints: routes,
    browsers: { sessionsIn: 'headers', originsNamedIn: 'the trusted domains of the project, or TRUSTED_ORIGINS' },
    // Flows begin and end there.
    answersHead: ({ path }) => !path.startsWith('/auth/oauth/'),
    // Pictures come as text in JSON, events by the batch (spec §1.3).
    bodyLimitBytes: 8 * 1024 * 1024,
    securitySchemes: {
      accessType: { type: 'apiKey', in: 'header', name: 'x-hexclave-access-type' },
      projectId: { type: 'apiKey', in: 'header', name: 'x-hexclave-project-id' },
      publishableClientKey: { type: 'apiKey', in: 'header', name: 'x-hexclave-publishable-client-key' },
      accessToken: { type: 'apiKey', in: 'header', name: 'x-hexclave-access-token' },
      secretServerKey: { type: 'apiKey', in: 'header', name: 'x-hexclave-secret-server-key' },
      superSecretAdminKey: { type: 'apiKey', in: 'header', name: 'x-hexclave-super-secret-admin-key' },
    },
    security,
    errorSchema: Type.Object({ code: Type.String(), error: Type.String(), details: Type.Optional(Type.Unknown()) }),
    errorWords,
    refusesInText: true,
    tags,
    turnsAway,
    publishes,
    call: (_ctx, request, reply) => openCall(mounted, request, reply, settings, texts),
    // Every credential is in a header that no other site can make a browser send: nothing to guard.
    guard: () => {},
    admit,
    inputCheck,
    readBodies,
    serveCors: (app, constraints) => answerPreflights(app, constraints, settings),
    refused(refusal, _call, endpoint) {
      const answer = wireAnswer(wireOf(refusal, endpoint?.refusals, texts));
      const { retryAfterSeconds } = refusal.detail;
      if (answer.status !== 429) return answer;
      return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds ?? 1) } };
    },
    invalid(input, _endpoint, request) {
      const lines = input instanceof Problems ? input.lines : [];
      return wireAnswer(schemaError(problemsOn(request, lines)));
    },
    malformed(what, request) {
      if (what.kind === 'text') return wireAnswer(schemaError(problemsOn(request, [`${what.part} must be UTF-8`])));
      if (what.kind === 'too_large') return { status: 413, body: plainText('Request body too large') };
      const message =
        what.kind === 'json' ? what.message : `Unknown content type in request body: ${what.type.slice(0, 100)}`;
      return wireAnswer(known(400, 'BODY_PARSING_ERROR', message));
    },
    fault: (requestId) => ({
      status: 500,
      body: plainText(
        `Something went wrong. Please make sure the data you entered is correct.\n\nRequest ID: ${requestId}`,
      ),
    }),
    notFound(request) {
      const path = request.url.split('?', 1)[0]!;
      const inside = /\/api\/(?:v1|latest|v2beta[1-5])(\/.*)?$/.exec(path)?.[1] ?? '/';
      const known = methods.some(({ pattern }) => pattern.test(inside));
      return known
        ? { status: 405, body: plainText('Method not allowed') }
        : { status: 404, body: plainText(texts.unknownRoute(`${new URL(settings.baseUrl).origin}${path}`)) };
    },
    dress: (answer, request) => dress(settings, answer, request),
  };
}

/** Every application names its project; what else it shows says who asks through it (spec §1.2). */
const application = ['accessType', 'projectId'] as const;
const admin = [[...application, 'superSecretAdminKey']];
const server = [[...application, 'secretServerKey'], ...admin];
/** Most projects do without the publishable key. */
const clients = [[...application], [...application, 'publishableClientKey']];
const user = clients.map((names) => [...names, 'accessToken']);
const security = { project_client: clients, user, user_or_server: [...user, ...server], server, admin };

/** What is wrong with a request, line by line (spec §1.10). */
function problemsOn({ method, url }: FastifyRequest, lines: readonly string[]): string {
  const path = url.split('?', 1)[0]!.slice(url.indexOf('/api/'));
  return [`Request validation failed on ${method} ${path}:`, ...lines.map((line) => `  - ${line}`)].join('\n');
}

/** A row of the table as an answer. */
export function wireAnswer(wire: Wire): Answer {
  if ('text' in wire) return { status: wire.status, body: plainText(wire.text) };
  const { status, code, message, details } = wire;
  return {
    status,
    body: { code, ...(details && { details }), error: message },
    headers: { [knownErrorHeader]: code },
  };
}

const methodsByPath = (endpoints: readonly HexclaveEndpoint[]): { readonly pattern: RegExp }[] =>
  [...new Set(endpoints.map(({ path }) => path))].map((path) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:[a-z_]+/g, '[^/]+')}$`),
  }));

/** `OPTIONS` is answered for every path, whoever asks (spec §1.3). */
function answerPreflights(app: FastifyInstance, constraints: object, settings: HexclaveSettings): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const { headers } = dress(settings, { status: 200 }, request);
    return reply
      .code(200)
      .headers({ ...headers, ...preflightHeaders(request) })
      .send();
  };
  for (const url of ['/', '/*']) app.route({ method: 'OPTIONS', url, ...constraints, handler });
}
