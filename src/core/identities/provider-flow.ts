import type { JsonObject } from '../../base/json.ts';
import { codePayload } from '../codes/codes.ts';
import type { OneTimeValue } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import type { OuterRequest } from '../oauth/outer-request.ts';
import type { TrustedUrl } from '../return-urls.ts';

/** What a flow remembers between leaving for the provider and coming back; sealed in its one-time value. */
export type ProviderFlow = {
  provider: string;
  surface: string;
  intent: 'sign_in' | 'link';
  returnTo: TrustedUrl | null;
  newUserReturnTo: TrustedUrl | null;
  errorReturnTo: TrustedUrl | null;
  redirectUri: string;
  codeVerifier: string;
  nonce: string | null;
  requestSignUp: boolean;
  /** What was asked for beside the provider's own scopes. */
  extraScopes: string[];
  /** False: a browser that could not show that a person sits there may sign in, but not sign up. */
  mayMakePerson: boolean;
  /** False: no cookie was set; the client's challenge is what binds the flow. */
  browserBound: boolean;
  /** The flow ends with a code for a client, and not with a session. */
  outer: OuterRequest | null;
  /** The application's own, handed back at the end. Read by nobody here. */
  appData: JsonObject | null;
};

export const readFlow = (ctx: Context, code: OneTimeValue): ProviderFlow => ({
  // Flows that were on their way when these were added.
  ...{ extraScopes: [], mayMakePerson: true, browserBound: true, outer: null },
  ...codePayload<ProviderFlow>(ctx, code),
});

/** What the surface may know of a flow. Verifier and nonce stay inside. */
export type FlowEnds = Pick<
  ProviderFlow,
  'intent' | 'returnTo' | 'newUserReturnTo' | 'errorReturnTo' | 'appData' | 'browserBound' | 'outer'
>;

export const endsOf = (flow: ProviderFlow): FlowEnds => {
  const { intent, returnTo, newUserReturnTo, errorReturnTo, appData, browserBound, outer } = flow;
  return { intent, returnTo, newUserReturnTo, errorReturnTo, appData, browserBound, outer };
};

/** States name their project where one callback serves all of them. The token alone is what proves anything. */
export const projectOfState = (state: string): { readonly token: string; readonly projectId: string } | null => {
  const [, token, projectId] = /^([^.]{1,100})\.([^.]{1,100})$/.exec(state) ?? [];
  return token === undefined || projectId === undefined ? null : { token, projectId };
};
