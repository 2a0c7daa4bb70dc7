import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { purposeOfCode } from '../../../core/codes/check-code.ts';
import type { Context } from '../../../core/context.ts';
import { redeemOuterCode } from '../../../core/oauth/redeem-outer-code.ts';
import { admitProjectKey } from '../../../core/projects/admit-project-key.ts';
import { withoutFragment } from '../../../core/return-urls.ts';
import { checkSession } from '../../../core/sessions/check-session.ts';
import type { LiveSession } from '../../../core/sessions/session.ts';
import { redeemSharedSession } from '../../../core/sessions/share-session.ts';
import { accessTokenSeconds, mintAccessToken } from '../../../core/signing/access-token.ts';
import type { Answer } from '../../kit/answer.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { contextOfClient, outerScope } from '../oauth-client.ts';
import { providerErrors } from '../provider-errors.ts';

const { client_rejected: wrongClient, grant_rejected: wrongCode } = providerErrors;

/** Published; anything is let in (a schema without a type takes every value). */
const tokenRequest = Type.Unknown({
  properties: {
    grant_type: Type.String({ enum: ['authorization_code', 'refresh_token'] }),
    client_id: Type.String({ description: 'The id of the project' }),
    client_secret: Type.String({ description: 'A publishable client key' }),
    code: Type.String(),
    redirect_uri: Type.String(),
    code_verifier: Type.String(),
    refresh_token: Type.String(),
  },
  required: ['grant_type'],
});

export const oauthToken = endpoint('POST /auth/oauth/token', {
  needs: 'nobody',
  operationId: 'oauthToken',
  summary: 'Tokens for a code, or a new access token for a refresh token',
  tag: 'OAuth',
  lenient: true,
  // A form or JSON with anything in it; what is wrong with it is said as RFC 6749 §5.2 has it.
  body: tokenRequest,
  bodyOptional: true,
  acceptsForms: true,
  replies: {
    200: Type.Object({
      access_token: Type.String(),
      token_type: Type.String(),
      expires_in: Type.Integer(),
      refresh_token: Type.Optional(Type.String({ description: 'With a code' })),
      is_new_user: Type.Optional(Type.Boolean({ description: 'With a code' })),
    }),
    400: Type.Object(
      {
        error: Type.String({ description: 'As RFC 6749 §5.2 has it; in words where there is a code' }),
        error_description: Type.Optional(Type.String()),
        code: Type.Optional(Type.String()),
        details: Type.Optional(Type.Unknown()),
      },
      { description: 'Bad Request' },
    ),
  },
  refusals: {
    project_key_rejected: wrongClient,
    client_rejected: wrongClient,
    code_not_found: wrongCode,
    code_expired: wrongCode,
    code_used: wrongCode,
    session_not_found: wrongCode,
    session_expired: wrongCode,
    user_banned: wrongCode,
    user_deactivated: wrongCode,
  },
  async handle(call) {
    const given = fieldsOf(call.body);
    const grants = { authorization_code: codeGrant, refresh_token: refreshGrant } as const;
    const type = given('grant_type');
    if (type === null) return malformed('invalid_request', 'Missing parameter: `grant_type`');
    if (!Object.hasOwn(grants, type)) return malformed('unsupported_grant_type', 'Unsupported grant type');
    const clientId = given('client_id');
    if (clientId === null) throw new Refusal('client_rejected');
    const ctx = await contextOfClient(call, clientId).catch(asUnnamed);
    await admitProjectKey(ctx, () => call.from, 'client', given('client_secret')).catch(asUnnamed);
    return grants[type as keyof typeof grants](call, ctx, given);
  },
});

type Given = (name: string) => string | null;

/** Members that are text and not empty. */
function fieldsOf(body: unknown): Given {
  const members = typeof body === 'object' && body !== null && !Buffer.isBuffer(body) ? body : {};
  return (name) => {
    const value = Object.hasOwn(members, name) ? (members as Record<string, unknown>)[name] : null;
    return typeof value === 'string' && value !== '' ? value : null;
  };
}

/** Here the answer names no client, whichever half was wrong. */
function asUnnamed(fault: unknown): never {
  const wrong = fault instanceof Refusal && ['client_rejected', 'project_key_rejected'].includes(fault.code);
  throw wrong ? new Refusal('client_rejected', { why: fault.code }) : fault;
}

const malformed = (error: string, description: string): Answer => ({
  status: 400,
  body: { error, error_description: description },
  headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
});

async function codeGrant(call: HexclaveCall, ctx: Context, given: Given): Promise<Answer> {
  const [code, redirectUri, codeVerifier] = [given('code'), given('redirect_uri'), given('code_verifier')];
  if (code === null || redirectUri === null || codeVerifier === null) {
    const missing = code === null ? 'code' : redirectUri === null ? 'redirect_uri' : 'code_verifier';
    return malformed('invalid_request', `Missing parameter: \`${missing}\``);
  }
  const proof = { redirectUri: withoutFragment(redirectUri), codeVerifier };
  const nobody = { kind: 'anonymous', from: call.from } as const;
  if ((await purposeOfCode(ctx, ['shared_session'], code)) !== null) {
    const { live, token, returnTo } = await redeemSharedSession(ctx, nobody, code, proof);
    return granted(ctx, live, { token, isNewUser: false, returnTo });
  }
  const { admission, isNewUser, returnTo } = await redeemOuterCode(ctx, nobody, { code, ...proof });
  if (admission.kind === 'second_factor_required') {
    throw new Refusal('second_factor_required', { attempt: admission.token });
  }
  return granted(ctx, admission.live, { token: admission.token, isNewUser, returnTo });
}

async function refreshGrant(_call: HexclaveCall, ctx: Context, given: Given): Promise<Answer> {
  const token = given('refresh_token');
  if (token === null) return malformed('invalid_request', 'Missing parameter: `refresh_token`');
  const checked = await checkSession(ctx, token, { fromStore: true });
  if (checked instanceof Refusal) throw new Refusal('refresh_token_rejected', { why: checked.code });
  return granted(ctx, checked.live, null);
}

interface Granted {
  readonly token: string;
  readonly isNewUser: boolean;
  readonly returnTo: string | null;
}

/** What a refresh grants has nothing of a sign-in: the refresh token stays as it is (spec §3.8). */
async function granted(ctx: Context, live: LiveSession, entry: Granted | null): Promise<Answer> {
  const { session } = live;
  const leftSeconds = Math.floor((Math.min(session.expiresAt, session.endsAt) - ctx.clock.now()) / 1000);
  const returnTo = entry?.returnTo ?? null;
  return {
    status: 200,
    body: {
      access_token: await mintAccessToken(ctx, live),
      token_type: 'Bearer',
      expires_in: Math.min(accessTokenSeconds, leftSeconds),
      ...(entry && { refresh_token: entry.token }),
      scope: outerScope,
      ...(entry && { newUser: entry.isNewUser, is_new_user: entry.isNewUser }),
      afterCallbackRedirectUrl: returnTo,
      after_callback_redirect_url: returnTo,
    },
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
  };
}
