import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RefusalCode } from '../../base/refusal.ts';
import type { Context } from '../../core/context.ts';
import { ownUrl } from '../../core/return-urls.ts';
import type { Answer } from '../kit/answer.ts';
import type { Dialect } from '../kit/dialect.ts';
import { admit } from './admit.ts';
import { BetterAuthCall } from './call.ts';
import { keepDeviceSessions } from './device-sessions.ts';
import type { BetterAuthEndpoint } from './endpoint.ts';
import { spellCode, type WireError, wireErrorOf } from './errors.ts';
import { guard } from './guard.ts';
import { keepLastMethod } from './last-login-method.ts';
import { redirectTo } from './links.ts';
import { permissionWords } from './permissions.ts';
import { errorWords, tags, turnsAway } from './published.ts';
import { routesFor } from './routes.ts';
import { errorSchema } from './schemas.ts';
import { sessionAtOnce } from './session-answer.ts';
import { betterAuthCookies } from './session-cookies.ts';
import type { BetterAuthSettings } from './settings.ts';
import { validationText } from './validation-text.ts';

/** Path of the native API below the mount. */
export const nativePrefix = '/api/auth';

/** Operations that a project does without are not there, and those for its own services are there for nobody else. */
const notThere: ReadonlySet<RefusalCode> = new Set([
  'user_deletion_disabled',
  'teams_disabled',
  'dynamic_roles_disabled',
  'access_level_insufficient',
]);

/** GETs that spend what they are shown, or begin something. Mailed links are none: who only looks at one has not followed it. */
const spends = /^\/(?:callback|one-time-token|passkey\/generate-\w+-options|token$)/;

/** Better Auth's API over the shared core (docs/dialects/better-auth.md). */
export function betterAuth(
  ctx: Context,
  settings: BetterAuthSettings,
): Dialect<BetterAuthCall, WireError, BetterAuthEndpoint> {
  const cookies = betterAuthCookies(ctx, settings);
  const answer = (error: WireError, more: object = {}): Answer => ({
    status: error.status,
    body: { message: error.message, code: spellCode(error.code, settings.errorCodes), ...more },
  });

  return {
    title: 'Better Auth',
    description: 'The Better Auth API, served by Latchkey.',
    version: '1.0.0',
    nativePrefix,
    endpoints: routesFor(settings),
    answersHead: ({ path }) => !spends.test(path),
    browsers: { sessionsIn: 'cookies', originsNamedIn: 'TRUSTED_ORIGINS' },
    securitySchemes: {
      sessionCookie: { type: 'apiKey', in: 'cookie', name: cookies.name('session_token') },
      bearerToken: { type: 'http', scheme: 'bearer' },
      ...(settings.apiKeysActAsOwner && { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } }),
    },
    security: security(settings),
    errorSchema,
    errorWords: errorWords(settings),
    tags,
    turnsAway: (endpoint) => turnsAway(endpoint, settings),
    atOnce: { '/get-session': sessionAtOnce(ctx, settings, cookies) },
    call: (context: Context, request: FastifyRequest, reply: FastifyReply) =>
      new BetterAuthCall(context, request, reply, settings, cookies),
    guard: (call, endpoint) => guard(call, endpoint.path),
    admit,
    finish(call, endpoint) {
      if (settings.lastLoginMethod) keepLastMethod(call, endpoint);
      const resent = call.resendExtended();
      if (!settings.multiSession) return resent;
      return resent ? resent.then(() => keepDeviceSessions(call)) : keepDeviceSessions(call);
    },
    refused(refusal, call, endpoint) {
      const { code, detail } = refusal;
      if (notThere.has(code)) return { status: 404 };
      const page = call && endpoint?.refusedPage?.(call as BetterAuthCall, refusal);
      if (page) return page;
      if (code === 'input_invalid' && detail.field !== undefined) {
        return answer({ status: 400, code: 'VALIDATION_ERROR', message: detail.field });
      }
      if (code === 'api_keys_disabled') return { status: 404 };
      if (code === 'api_key_rate_limited') return rateLimited(wireErrorOf(code, detail), detail.retryAfterMs ?? 0);
      const error = worded(ctx, code, wireErrorOf(code, detail, endpoint?.refusals));
      const lacking = permissionWords(detail.missing ?? []);
      if (lacking.length > 0) return answer(error, { missingPermissions: lacking });
      if (detail.retryAfterSeconds === undefined) return answer(error);
      const seconds = detail.retryAfterSeconds;
      return { ...answer(error), headers: retryHeaders(seconds) };
    },
    invalid(input, endpoint) {
      // A browser stands at the provider's way back: it is sent on, whatever it brought (spec §3.1 step 6).
      if (endpoint.path.startsWith('/callback/')) {
        return redirectTo(ownUrl(settings.baseUrl, '/error?error=invalid_callback_request'));
      }
      return answer({ status: 400, code: 'VALIDATION_ERROR', message: validationText(input) });
    },
    malformed(what) {
      if (what.kind === 'json')
        return answer({ status: 400, code: 'BAD_REQUEST', message: 'Invalid JSON in request body' });
      if (what.kind === 'too_large')
        return answer({ status: 413, code: 'PAYLOAD_TOO_LARGE', message: 'Request body is too large' });
      if (what.kind === 'text')
        return answer({ status: 400, code: 'BAD_REQUEST', message: `Invalid ${what.part}: not UTF-8` });
      const message = `Content-Type "${what.type}" is not allowed. Allowed types: ${what.accepted.join(', ')}`;
      return answer({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', message });
    },
    fault: () => ({ status: 500 }),
    notFound: () => ({ status: 404 }),
  };
}

/** A session is in a cookie or is the bearer token, as is the token of the project's own services. */
function security({ apiKeysActAsOwner }: BetterAuthSettings) {
  const user = [['sessionCookie'], ['bearerToken']];
  return {
    user,
    user_or_key: apiKeysActAsOwner ? [...user, ['apiKey']] : user,
    user_or_server: user,
    user_key_or_server: apiKeysActAsOwner ? [...user, ['apiKey']] : user,
    server: [['bearerToken']],
  };
}

/** What a banned person is told is the operator's to word. */
function worded(ctx: Context, code: RefusalCode, error: WireError): WireError {
  const { bannedMessage } = ctx.project.policy.admin;
  return code === 'user_banned' && error.code === 'BANNED_USER' && bannedMessage !== null
    ? { ...error, message: bannedMessage }
    : error;
}

/** When to ask again, for pages of other origins, too. */
const retryHeaders = (seconds: number) => ({
  'x-retry-after': String(seconds),
  'retry-after': String(seconds),
  'access-control-expose-headers': 'X-Retry-After, Retry-After',
});

const rateLimited = ({ status, code, message }: WireError, ms: number): Answer => ({
  status,
  body: { message, code, details: { tryAgainIn: ms } },
  headers: retryHeaders(Math.ceil(ms / 1000)),
});
