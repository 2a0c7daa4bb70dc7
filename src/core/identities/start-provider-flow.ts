import type { JsonObject } from '../../base/json.ts';
import { opaqueToken } from '../../base/random.ts';
import { Refusal } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import type { OuterRequest } from '../oauth/outer-request.ts';
import type { TrustedUrl } from '../return-urls.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { ProviderFlow } from './provider-flow.ts';
import { findProvider } from './provider-visit.ts';

export interface StartProviderFlow {
  readonly provider: string;
  readonly intent: 'sign_in' | 'link';
  /** Whom to link to is told by the session at the end; the browser binds both halves. */
  readonly linkToFinisher?: boolean;
  /** Checked by `checkReturnUrl`, or null. */
  readonly returnTo: TrustedUrl | null;
  readonly newUserReturnTo: TrustedUrl | null;
  readonly errorReturnTo: TrustedUrl | null;
  /** The surface's callback for this provider, built from the configured public URL. */
  readonly redirectUri: string;
  readonly extraScopes: readonly string[];
  readonly loginHint: string | null;
  readonly extraParameters: Readonly<Record<string, string>>;
  readonly requestSignUp: boolean;
  /** What the browser is known by already; null: the state is what its cookie will hold. */
  readonly browserToken: string | null;
  readonly appData?: JsonObject | null;
  readonly mayMakePerson?: boolean;
  /** A client gets a code at the end. Its PKCE challenge binds the flow too, so it may do without a cookie. */
  readonly outer?: OuterRequest | null;
  readonly browserBound?: boolean;
  /** One callback serves all projects: the state says whose flow it is. */
  readonly stateNamesProject?: boolean;
}

export interface StartedFlow {
  readonly url: string;
  readonly state: string;
  /** What the surface puts into a cookie of this browser and hands back to `finishProviderFlow`. */
  readonly browserToken: string;
}

/** Ours to set: whoever sets them otherwise redirects the code or unbinds the flow. */
const reserved = new Set([
  ...['state', 'client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'nonce'],
  ...['code_challenge', 'code_challenge_method', 'request', 'request_uri'],
]);
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/; // RFC 6749 §3.3
const maxAppData = 8192;

/**
 * Makes a flow, bound to this browser, provider and surface (rule 7), and says where to send the browser.
 * @throws Refusal provider_not_found, provider_scope_refused, provider_unavailable, not_signed_in, input_invalid
 */
export async function startProviderFlow(ctx: Context, actor: Actor, input: StartProviderFlow): Promise<StartedFlow> {
  const provider = findProvider(ctx, input.provider, input.intent);
  if (provider.facts.nativeOnly) throw new Refusal('provider_not_found', { why: 'no client secret' });
  if (input.intent === 'link' && actor.kind !== 'user' && !input.linkToFinisher) throw new Refusal('not_signed_in');
  if (input.extraScopes.length > 0 && provider.facts.shared) {
    throw new Refusal('provider_scope_refused', { field: 'shared', why: 'a lent client asks for nothing more' });
  }
  checkExtras(input);
  const outer = input.outer ?? null;
  const flow: ProviderFlow = {
    provider: input.provider,
    surface: ctx.surface.name,
    intent: input.intent,
    returnTo: input.returnTo,
    newUserReturnTo: input.newUserReturnTo,
    errorReturnTo: input.errorReturnTo,
    redirectUri: input.redirectUri,
    codeVerifier: opaqueToken(ctx.random) + opaqueToken(ctx.random), // 90 characters of 43 to 128 (RFC 7636 §4.1)
    nonce: provider.facts.usesNonce ? opaqueToken(ctx.random) : null,
    requestSignUp: input.requestSignUp,
    extraScopes: [...input.extraScopes],
    mayMakePerson: input.mayMakePerson ?? true,
    browserBound: outer === null || input.browserBound !== false,
    outer,
    appData: input.appData ?? null,
  };
  const bound = boundTo(actor, flow);
  const token = await asBearer(ctx, { credential: 'none' }, (tx) =>
    issueCode(ctx, tx, {
      purpose: 'provider_flow',
      lifeSeconds: ctx.surface.codes.providerFlowSeconds,
      userId: bound?.user.id ?? null,
      sessionId: bound?.session.id ?? null,
      browserHash: input.browserToken === null ? null : ctx.vault.digest(input.browserToken),
      payload: flow,
    }),
  );
  const state = input.stateNamesProject ? `${token}.${ctx.project.id}` : token;
  const url = await provider.authorizationUrl({
    redirectUri: flow.redirectUri,
    state,
    codeVerifier: flow.codeVerifier,
    nonce: flow.nonce,
    extraScopes: input.extraScopes,
    loginHint: input.loginHint,
    extraParameters: input.extraParameters,
  });
  return { url, state, browserToken: input.browserToken ?? token };
}

/** Whose flow it is: who links; who is anonymous and becomes a person at a client that has no cookie to say so. */
function boundTo(actor: Actor, { intent, outer }: ProviderFlow): LiveSession | null {
  if (actor.kind !== 'user') return null;
  return intent === 'link' || (outer !== null && actor.live.user.anonymous) ? actor.live : null;
}

function checkExtras(input: StartProviderFlow): void {
  for (const name of Object.keys(input.extraParameters)) {
    if (reserved.has(name.toLowerCase())) throw new Refusal('provider_scope_refused', { field: name });
  }
  for (const scope of input.extraScopes) {
    if (!scopeToken.test(scope))
      throw new Refusal('provider_scope_refused', { field: 'scopes', given: scope.slice(0, 100) });
  }
  if (input.appData && JSON.stringify(input.appData).length > maxAppData) {
    throw new Refusal('input_invalid', { field: 'appData', maxLength: maxAppData });
  }
}
