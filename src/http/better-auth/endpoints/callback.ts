import { Type } from 'typebox';
import type { JsonObject } from '../../../base/json.ts';
import { Refusal } from '../../../base/refusal.ts';
import { type FinishedFlow, finishProviderFlow } from '../../../core/identities/finish-provider-flow.ts';
import { ownUrl, withQuery } from '../../../core/return-urls.ts';
import type { Answer } from '../../kit/answer.ts';
import { logRefusal } from '../../kit/log-refusal.ts';
import { fitsInHeader } from '../../kit/longest-address.ts';
import type { BetterAuthCall } from '../call.ts';
import { endCeremony } from '../ceremony-cookies.ts';
import { endpoint } from '../endpoint.ts';
import { redirectCode, wireErrorOf } from '../errors.ts';
import { goOn, landing, landingIfGiven } from '../landing.ts';
import { redirectTo, verificationLink } from '../links.ts';
import { signedInPage } from '../mailed-links.ts';
import { setChallenge } from '../two-factor-challenge.ts';
import { secondFactorPath } from './second-factor-page.ts';

/** Bounded: a posted response goes round in an address, which browsers and proxies bound as well. */
const text = Type.Optional(Type.String({ maxLength: 4096 }));
const params = Type.Object({ provider: Type.String() });
const response = Type.Object({
  code: text,
  error: text,
  error_description: text,
  state: text,
  iss: text,
  device_id: text,
  user: text,
});

export const callback = endpoint('GET /callback/:provider', {
  needs: 'nobody',
  operationId: 'handleOAuthCallback',
  summary: 'Where the provider sends the browser back to',
  tag: 'Default',
  hidden: true,
  params,
  query: response,
  replies: { 302: null },
  async handle(call) {
    const { query } = call;
    const finished = await finishProviderFlow(call.ctx, await call.actor(), {
      provider: call.params.provider,
      state: query.state ?? null,
      browserToken: query.state ? endCeremony(call, 'state', query.state) : null,
      code: query.code ?? null,
      error: query.error ?? null,
      errorDescription: query.error_description ?? null,
      issuer: query.iss ?? null,
      userHint: readHint(query.user),
      deviceId: query.device_id ?? null,
      verificationLink: verificationLink(call.settings, landing(call, undefined)),
    });
    return goOnFrom(call, finished);
  },
});

/** A posted response comes without our Lax cookies: it is sent round once more as GET (spec §3.1 step 5). */
export const postedCallback = endpoint('POST /callback/:provider', {
  needs: 'nobody',
  operationId: 'handlePostedOAuthCallback',
  summary: 'The same, for providers that post their response',
  tag: 'Default',
  hidden: true,
  acceptsForms: true,
  bodyOptional: true,
  params,
  query: response,
  body: response,
  replies: { 302: null },
  handle(call) {
    const values = Object.entries({ ...call.query, ...call.body }).filter(([, value]) => value !== undefined);
    const query = Object.fromEntries(values) as Record<string, string>;
    const target = withQuery(
      ownUrl(call.settings.baseUrl, `/callback/${encodeURIComponent(call.params.provider)}`),
      query,
    );
    if (!fitsInHeader(target))
      return redirectTo(ownUrl(call.settings.baseUrl, '/error?error=invalid_callback_request'));
    return redirectTo(target);
  },
});

function goOnFrom(call: BetterAuthCall, { flow, outcome }: FinishedFlow): Answer {
  const { settings } = call;
  if (outcome instanceof Refusal) {
    logRefusal(call.request, outcome, 'Better Auth');
    const target = landingIfGiven(call, flow?.errorReturnTo) ?? ownUrl(settings.baseUrl, '/error');
    return redirectTo(withQuery(target, told(call, outcome)));
  }
  const home = flow?.returnTo;
  const ours = () => signedInPage(call);
  if (outcome.kind === 'linked') {
    if (outcome.admission?.kind === 'session')
      call.sendSession(outcome.admission.token, outcome.admission.live.session);
    return goOn(call, home, ours);
  }
  if (outcome.kind !== 'signed_in') throw new Error(`a flow of this surface ended as ${outcome.kind}`);
  const { admission, isNewUser } = outcome;
  if (admission.kind === 'second_factor_required') {
    setChallenge(call, admission);
    return redirectTo(ownUrl(settings.baseUrl, secondFactorPath));
  }
  call.sendSession(admission.token, admission.live.session);
  return goOn(call, isNewUser ? (flow?.newUserReturnTo ?? home) : home, ours);
}

/** The query that tells an application what went wrong (spec §1.4, OAuth callback error values). */
function told(call: BetterAuthCall, refusal: Refusal): Record<string, string> {
  const { code, detail } = refusal;
  if (code === 'provider_denied' && detail.providerError !== undefined) {
    const description = detail.providerErrorDescription;
    return { error: detail.providerError, ...(description && { error_description: description }) };
  }
  const error = wireErrorOf(code, detail);
  const spelled = redirectCode(error, call.settings.errorCodes);
  return code === 'user_banned' ? { error: spelled, error_description: error.message } : { error: spelled };
}

function readHint(posted: string | undefined): JsonObject | null {
  if (posted === undefined || posted.length > 4096) return null;
  try {
    const value: unknown = JSON.parse(posted);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}
