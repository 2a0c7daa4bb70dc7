import { Type } from 'typebox';
import type { JsonObject } from '../../../base/json.ts';
import { Refusal } from '../../../base/refusal.ts';
import type { Context } from '../../../core/context.ts';
import { finishProviderFlow } from '../../../core/identities/finish-provider-flow.ts';
import { type FlowEnds, projectOfState } from '../../../core/identities/provider-flow.ts';
import { checkCodeReturn, ownUrl, type TrustedUrl, trustedCodeReturn, withQuery } from '../../../core/return-urls.ts';
import type { Answer } from '../../kit/answer.ts';
import { logRefusal } from '../../kit/log-refusal.ts';
import { fitsInHeader } from '../../kit/longest-address.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { wireOf } from '../errors.ts';
import { forgetFlow, remembersFlow } from '../oauth-cookie.ts';
import { channelTaken } from '../provider-errors.ts';
import { Fields } from '../schemas.ts';
import type { WireError } from '../wire-error.ts';

/** Bounded: a posted answer goes round in an address, which browsers and proxies bound as well. */
const words = Type.Optional(Type.String({ maxLength: 4096 }));
const answer = Fields({
  ...{ code: words, state: words, error: words, error_description: words, iss: words, user: words },
});
const params = Fields({ provider_id: Type.String() });
const refusals: { readonly email_taken: WireError } = { email_taken: channelTaken };

export const oauthCallback = endpoint('GET /auth/oauth/callback/:provider_id', {
  needs: 'nobody',
  operationId: 'oauthCallback',
  summary: 'Where the provider sends the browser back to',
  tag: 'OAuth',
  hidden: true,
  lenient: true,
  params,
  query: answer,
  replies: { 303: Type.Object({}), 307: null },
  refusals,
  async handle(call) {
    const { query } = call;
    const named = projectOfState(query.state ?? '');
    const project = named && (await call.ctx.directory.find(named.projectId));
    if (!named || !project) throw new Refusal('flow_not_found', { field: 'state', why: 'names no project' });
    const ctx = project.context('hexclave');
    const { flow, outcome } = await finishProviderFlow(
      ctx,
      { kind: 'anonymous', from: call.from },
      {
        provider: call.params.provider_id,
        state: named.token,
        browserToken: remembersFlow(call, query.state!) ? named.token : null,
        code: query.code ?? null,
        error: query.error ?? null,
        errorDescription: query.error_description ?? null,
        issuer: query.iss ?? null,
        userHint: readHint(query.user),
        verificationLink: null,
      },
    );
    if (flow?.browserBound) forgetFlow(call, query.state!);
    if (outcome instanceof Refusal) return told(call, ctx, flow, outcome);
    if (outcome.kind !== 'code_issued' || !flow?.outer) throw new Error(`a flow of a client ended as ${outcome.kind}`);
    const { redirectUri, state } = flow.outer;
    const target = checkCodeReturn(ctx, redirectUri, 'redirect_uri');
    return { status: 303, body: {}, headers: { location: withQuery(target, { code: outcome.code, state }, '%20') } };
  },
});

/** A posted answer comes without cookies of the first visit: it is sent round once more as GET. */
export const postedOauthCallback = endpoint('POST /auth/oauth/callback/:provider_id', {
  needs: 'nobody',
  operationId: 'postedOauthCallback',
  summary: 'The same, for providers that post their answer',
  tag: 'OAuth',
  hidden: true,
  lenient: true,
  bodyOptional: true,
  params,
  query: answer,
  body: answer,
  replies: { 303: Type.Object({}) },
  handle(call) {
    const values = Object.entries({ ...call.query, ...call.body }).filter(([, value]) => value !== undefined);
    const path = `/api/v1/auth/oauth/callback/${encodeURIComponent(call.params.provider_id)}`;
    const here = ownUrl(call.settings.baseUrl, path);
    const query = Object.fromEntries(values) as Record<string, string>;
    const location = withQuery(here, query, '%20');
    if (!fitsInHeader(location)) throw new Refusal('provider_code_rejected', { why: 'a posted answer is too long' });
    return { status: 303, body: {}, headers: { location } };
  },
});

/** Known errors go to the client's page; what is only text, and what has no trusted page, is shown (spec §3.5 step 7). */
function told(call: HexclaveCall, ctx: Context, flow: FlowEnds | null, refusal: Refusal): Answer {
  logRefusal(call.request, refusal, 'Hexclave');
  const wire = wireOf(refusal, refusals, call.texts);
  const page = flow && errorPage(ctx, flow);
  if ('text' in wire || !page) throw refusal;
  const { code, message, details = {} } = wire;
  const query = {
    error: 'server_error',
    error_description: message,
    errorCode: code,
    message,
    details: JSON.stringify(details),
  };
  return { status: 307, headers: { location: withQuery(page, query, '%20') } };
}

/** Asked again: the project may have stopped to trust a page meanwhile. */
function errorPage(ctx: Context, { outer, errorReturnTo }: FlowEnds): TrustedUrl | null {
  return trustedCodeReturn(ctx, outer?.redirectUri ?? '') ?? trustedCodeReturn(ctx, errorReturnTo ?? '');
}

/** Apple's browser brings the name along, once. Nobody signed it. */
function readHint(posted: string | undefined): JsonObject | null {
  if (posted === undefined) return null;
  try {
    const value: unknown = JSON.parse(posted);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
