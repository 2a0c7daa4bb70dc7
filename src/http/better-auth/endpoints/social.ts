import { Type } from 'typebox';
import type { Instant } from '../../../base/clock.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Actor } from '../../../core/actor.ts';
import { linkProviderToken } from '../../../core/identities/link-provider-token.ts';
import type { ProviderTokenInput } from '../../../core/identities/provider-token-visit.ts';
import { signInWithProviderToken } from '../../../core/identities/sign-in-with-provider-token.ts';
import { startProviderFlow } from '../../../core/identities/start-provider-flow.ts';
import type { TrustedUrl } from '../../../core/return-urls.ts';
import { type Answer, json } from '../../kit/answer.ts';
import type { BetterAuthCall } from '../call.ts';
import { beginCeremony } from '../ceremony-cookies.ts';
import { endpoint } from '../endpoint.ts';
import { landing, landingIfGiven } from '../landing.ts';
import { verificationLink } from '../links.ts';
import { returnUrl, userSchema } from '../schemas.ts';
import { admitted } from './sign-in.ts';

const text = Type.Optional(Type.String());
/** How long a browser remembers that it is on its way to a provider. */
const flowSeconds = 300;

const flowFields = {
  provider: Type.String(),
  callbackURL: returnUrl('Where a finished flow goes on to'),
  newUserCallbackURL: returnUrl('The same for people who signed up by it'),
  errorCallbackURL: returnUrl('Where a failed flow goes on to, with `error`'),
  disableRedirect: Type.Optional(Type.Boolean()),
  scopes: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
  requestSignUp: Type.Optional(Type.Boolean()),
  loginHint: text,
  additionalParams: Type.Optional(Type.Record(Type.String(), Type.String())),
  additionalData: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  idToken: Type.Optional(
    Type.Object({
      token: Type.String(),
      nonce: text,
      accessToken: text,
      refreshToken: text,
      expiresAt: Type.Optional(Type.Number()),
      scopes: Type.Optional(Type.Array(Type.String())),
      user: Type.Optional(
        Type.Object({ name: Type.Optional(Type.Object({ firstName: text, lastName: text })), email: text }),
      ),
    }),
  ),
};

interface FlowBody {
  readonly provider: string;
  readonly callbackURL?: TrustedUrl;
  readonly newUserCallbackURL?: TrustedUrl;
  readonly errorCallbackURL?: TrustedUrl;
  readonly disableRedirect?: boolean;
  readonly scopes?: readonly string[];
  readonly requestSignUp?: boolean;
  readonly loginHint?: string;
  readonly additionalParams?: Readonly<Record<string, string>>;
  readonly additionalData?: Readonly<Record<string, unknown>>;
}

const tokenRefusals = {
  email_taken: { status: 401, code: 'OAUTH_LINK_ERROR', message: 'account not linked' },
  sign_up_disabled: { status: 401, code: 'OAUTH_LINK_ERROR', message: 'signup disabled' },
} as const;

export const signInSocial = endpoint('POST /sign-in/social', {
  needs: 'nobody',
  operationId: 'socialSignIn',
  summary: 'Start a sign-in at a provider, or sign in with its ID token',
  tag: 'Default',
  body: Type.Object(flowFields),
  replies: {
    200: Type.Union([
      Type.Object({ url: Type.String(), redirect: Type.Boolean() }),
      Type.Object({ redirect: Type.Literal(false), token: Type.String(), user: userSchema }),
    ]),
  },
  refusals: tokenRefusals,
  async handle(call) {
    const { body } = call;
    if (body.idToken === undefined) return startFlow(call, await call.actor(), body, 'sign_in');
    const entry = await signInWithProviderToken(call.ctx, await call.actor(), {
      ...tokenInput(body.provider, body.idToken),
      requestSignUp: body.requestSignUp ?? false,
      verificationLink: verificationLink(call.settings, landing(call, body.callbackURL)),
    });
    return admitted(call, entry.admission, undefined);
  },
});

export const linkSocial = endpoint('POST /link-social', {
  needs: 'user',
  operationId: 'linkSocialAccount',
  summary: 'Link a provider to the signed-in user',
  tag: 'Default',
  body: Type.Object(flowFields),
  replies: {
    200: Type.Object({ url: Type.String(), redirect: Type.Boolean(), status: Type.Optional(Type.Boolean()) }),
  },
  async handle(call, me) {
    const { body } = call;
    if (body.idToken === undefined) return startFlow(call, me, body, 'link');
    const { admission } = await linkProviderToken(call.ctx, me, tokenInput(body.provider, body.idToken));
    if (admission?.kind === 'session') call.sendSession(admission.token, admission.live.session);
    return json({ url: '', status: true, redirect: false });
  },
});

async function startFlow(
  call: BetterAuthCall,
  actor: Actor,
  body: FlowBody,
  intent: 'sign_in' | 'link',
): Promise<Answer> {
  const { settings } = call;
  const started = await startProviderFlow(call.ctx, actor, {
    provider: body.provider,
    intent,
    // The way back from the provider does not show where the application is: it is settled now.
    returnTo: landing(call, body.callbackURL),
    newUserReturnTo: landingIfGiven(call, body.newUserCallbackURL),
    errorReturnTo: landingIfGiven(call, body.errorCallbackURL),
    redirectUri: `${settings.baseUrl}/callback/${encodeURIComponent(body.provider)}`,
    extraScopes: body.scopes ?? [],
    loginHint: body.loginHint ?? null,
    extraParameters: body.additionalParams ?? {},
    requestSignUp: body.requestSignUp ?? false,
    browserToken: null,
    appData: (body.additionalData as JsonObject | undefined) ?? null,
  });
  beginCeremony(call, 'state', started.state, started.browserToken, flowSeconds);
  const redirect = !(body.disableRedirect ?? false);
  return { status: 200, body: { url: started.url, redirect }, headers: redirect ? { location: started.url } : {} };
}

interface IdToken {
  readonly token: string;
  readonly nonce?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly expiresAt?: number;
  readonly scopes?: readonly string[];
  readonly user?: { readonly name?: { readonly firstName?: string; readonly lastName?: string } };
}

function tokenInput(provider: string, given: IdToken): ProviderTokenInput {
  const name = [given.user?.name?.firstName, given.user?.name?.lastName].filter(Boolean).join(' ');
  return {
    provider,
    idToken: given.token,
    nonce: given.nonce ?? null,
    accessToken: given.accessToken ?? null,
    refreshToken: given.refreshToken ?? null,
    accessExpiresAt: (given.expiresAt ?? null) as Instant | null,
    scopes: given.scopes ?? [],
    displayName: name === '' ? null : name,
  };
}
