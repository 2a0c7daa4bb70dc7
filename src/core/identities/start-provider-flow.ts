import { opaqueToken } from '../../base/random.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import type { JsonObject } from '../users/user.ts';
import type { ProviderFlow } from './provider-flow.ts';
import { findProvider } from './provider-visit.ts';

export interface StartProviderFlow {
  readonly provider: string;
  readonly intent: 'sign_in' | 'link';
  /** Checked by `checkReturnUrl`, or null. */
  readonly returnTo: string | null;
  readonly newUserReturnTo: string | null;
  readonly errorReturnTo: string | null;
  /** The surface's callback for this provider, built from the configured public URL. */
  readonly redirectUri: string;
  readonly extraScopes: readonly string[];
  readonly loginHint: string | null;
  readonly extraParameters: Readonly<Record<string, string>>;
  readonly requestSignUp: boolean;
  /** What the browser is known by already; null: the state is what its cookie will hold. */
  readonly browserToken: string | null;
  readonly appData?: JsonObject | null;
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
  if (input.intent === 'link' && actor.kind !== 'user') throw new Refusal('not_signed_in');
  checkExtras(input);
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
    appData: input.appData ?? null,
  };
  const linking = input.intent === 'link' && actor.kind === 'user' ? actor.live : null;
  const state = await ctx.store.transaction((tx) =>
    issueCode(ctx, tx, {
      purpose: 'provider_flow',
      lifeSeconds: ctx.surface.codes.providerFlowSeconds,
      userId: linking?.user.id ?? null,
      sessionId: linking?.session.id ?? null,
      browserHash: input.browserToken === null ? null : ctx.vault.digest(input.browserToken),
      payload: flow,
    }),
  );
  const url = await provider.authorizationUrl({
    redirectUri: flow.redirectUri,
    state,
    codeVerifier: flow.codeVerifier,
    nonce: flow.nonce,
    extraScopes: input.extraScopes,
    loginHint: input.loginHint,
    extraParameters: input.extraParameters,
  });
  return { url, state, browserToken: input.browserToken ?? state };
}

function checkExtras(input: StartProviderFlow): void {
  for (const name of Object.keys(input.extraParameters)) {
    if (reserved.has(name.toLowerCase())) throw new Refusal('provider_scope_refused', { field: name });
  }
  for (const scope of input.extraScopes) {
    if (!scopeToken.test(scope)) throw new Refusal('provider_scope_refused', { field: 'scopes' });
  }
  if (input.appData && JSON.stringify(input.appData).length > maxAppData) {
    throw new Refusal('input_invalid', { field: 'appData', maxLength: maxAppData });
  }
}
