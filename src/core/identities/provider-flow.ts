import { codePayload } from '../codes/codes.ts';
import type { OneTimeValue } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import type { JsonObject } from '../users/user.ts';

/** What a flow remembers between leaving for the provider and coming back; sealed in its one-time value. */
export type ProviderFlow = {
  provider: string;
  surface: string;
  intent: 'sign_in' | 'link';
  returnTo: string | null;
  newUserReturnTo: string | null;
  errorReturnTo: string | null;
  redirectUri: string;
  codeVerifier: string;
  nonce: string | null;
  requestSignUp: boolean;
  /** The application's own, handed back at the end. Read by nobody here. */
  appData: JsonObject | null;
};

export const readFlow = (ctx: Context, code: OneTimeValue): ProviderFlow => codePayload<ProviderFlow>(ctx, code);

/** What the surface may know of a flow. Verifier and nonce stay inside. */
export type FlowEnds = Pick<ProviderFlow, 'intent' | 'returnTo' | 'newUserReturnTo' | 'errorReturnTo' | 'appData'>;

export const endsOf = ({ intent, returnTo, newUserReturnTo, errorReturnTo, appData }: ProviderFlow): FlowEnds => ({
  intent,
  returnTo,
  newUserReturnTo,
  errorReturnTo,
  appData,
});
