import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { finishProviderFlow } from '../../../core/identities/finish-provider-flow.ts';
import { listIdentities } from '../../../core/identities/list-identities.ts';
import { startProviderFlow } from '../../../core/identities/start-provider-flow.ts';
import { unlinkProvider } from '../../../core/identities/unlink-identity.ts';
import { json } from '../../kit/answer.ts';
import type { AxumKitCall } from '../call.ts';
import { type AxumKitEndpoint, endpoint } from '../endpoint.ts';
import { filled, nullable, time } from '../schemas.ts';
import { timeWire } from '../wire.ts';
import { mailCodeIfOnlyFactor, tempToken } from './session.ts';

type Provider = 'google' | 'github';

/** Keys of providers, as this wire spells them (spec §1.1). Others are not listed here and still count as ways in. */
const spelled: Readonly<Record<string, string>> = {
  google: 'Google',
  github: 'Github',
  discord: 'Discord',
  twitter: 'X',
  microsoft: 'Microsoft',
};
const keys = Object.fromEntries(Object.entries(spelled).map(([key, name]) => [name, key]));
const providerName = Type.Union(Object.values(spelled).map((name) => Type.Literal(name)));

const answered = Type.Object({
  code: filled('Authorization code is required'),
  state: filled('State is required'),
  /** Where the provider sent one (RFC 9207): it is compared when it is there, and asked for when it was promised. */
  iss: Type.Optional(nullable(Type.String())),
});

/** Three operations of each provider: away to it, back to sign in, back to link. */
export const endpointsOf = (provider: Provider): readonly AxumKitEndpoint[] => [
  endpoint(`GET /v0/auth/oauth/${provider}/authorize`, {
    needs: 'nobody',
    operationId: `${provider}Authorize`,
    summary: `Where to send the browser for a sign-in at ${spelled[provider]}`,
    tag: 'Auth',
    query: Type.Object({
      flow: Type.Optional(Type.Union([Type.Literal('login'), Type.Literal('link'), Type.Literal('')])),
    }),
    replies: { 200: Type.Object({ auth_url: Type.String() }) },
    async handle(call) {
      const { url } = await asAuthorizeProblem(() =>
        startProviderFlow(call.ctx, call.visitor, {
          provider,
          intent: call.query.flow === 'link' ? 'link' : 'sign_in',
          linkToFinisher: true,
          returnTo: null,
          newUserReturnTo: null,
          errorReturnTo: null,
          redirectUri: redirectUri(call, provider),
          extraScopes: [],
          loginHint: null,
          extraParameters: {},
          requestSignUp: true,
          browserToken: call.browser.id,
        }),
      );
      return json({ auth_url: url });
    },
  }),

  endpoint(`POST /v0/auth/oauth/${provider}/login`, {
    needs: 'nobody',
    operationId: `${provider}Login`,
    summary: `Sign in with the code from ${spelled[provider]}, or begin a sign-up with it`,
    tag: 'Auth',
    body: answered,
    replies: {
      200: Type.Object({
        pending_token: Type.String(),
        email: Type.String(),
        display_name: Type.String(),
      }),
      202: tempToken,
      204: null,
    },
    refusals: { email_taken: { status: 409, code: 'oauth:email_already_exists' } },
    async handle(call) {
      const outcome = await finish(call, call.visitor, provider, 'sign_in', call.body);
      if (outcome.kind === 'sign_up_pending') {
        const { token, email, name } = outcome;
        return json({ pending_token: token, email, display_name: name ?? '' });
      }
      if (outcome.kind !== 'signed_in') throw new Error('a sign-in at a provider ended as a link');
      const { admission } = outcome;
      if (admission.kind === 'second_factor_required') await mailCodeIfOnlyFactor(call, admission);
      return call.admitted(admission);
    },
  }),

  endpoint(`POST /v0/auth/oauth/${provider}/link`, {
    needs: 'user',
    operationId: `${provider}Link`,
    summary: `Link an account of ${spelled[provider]} to the signed-in user`,
    tag: 'Auth',
    body: answered,
    replies: { 204: null },
    async handle(call, me) {
      await finish(call, me, provider, 'link', call.body);
      return { status: 204 };
    },
  }),
];

/** The application's page, registered at the provider; one for both purposes (spec §3.1). */
function redirectUri({ settings }: AxumKitCall, provider: Provider): string {
  const uri = provider === 'google' ? settings.googleRedirectUri : settings.githubRedirectUri;
  if (uri === null) throw new Refusal('provider_unavailable', { field: 'redirect_uri' });
  return uri;
}

/** Before anybody left for the provider, what cannot be reached is an address in the configuration. */
async function asAuthorizeProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    if (!(fault instanceof Refusal) || fault.code !== 'provider_unavailable' || fault.detail.field) throw fault;
    throw new Refusal('provider_unavailable', { ...fault.detail, field: 'authorization_endpoint' });
  }
}

async function finish(
  call: AxumKitCall,
  actor: Parameters<typeof finishProviderFlow>[1],
  provider: Provider,
  intent: 'sign_in' | 'link',
  { code, state, iss }: { readonly code: string; readonly state: string; readonly iss?: string | null },
) {
  const { outcome } = await finishProviderFlow(call.ctx, actor, {
    provider,
    intent,
    state,
    code,
    browserToken: call.browser.id,
    error: null,
    errorDescription: null,
    issuer: iss ?? null,
    userHint: null,
    verificationLink: null,
    // Google says whether it verified an address; GitHub gives verified ones (spec §3.2).
    requireVerifiedEmail: provider === 'google',
  });
  if (outcome instanceof Refusal) throw outcome;
  return outcome;
}

export const listConnections = endpoint('GET /v0/auth/oauth/connections', {
  needs: 'user',
  operationId: 'listOauthConnections',
  summary: 'Linked accounts of providers, oldest first',
  tag: 'Auth',
  replies: {
    200: Type.Object({ connections: Type.Array(Type.Object({ provider: Type.String(), created_at: time })) }),
  },
  async handle(call, me) {
    const { identities } = await listIdentities(call.ctx, me);
    return json({
      connections: [...identities]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .flatMap(({ provider, createdAt }) =>
          spelled[provider] ? [{ provider: spelled[provider], created_at: timeWire(createdAt) }] : [],
        ),
    });
  },
});

export const unlinkConnection = endpoint('POST /v0/auth/oauth/connections/unlink', {
  needs: 'user',
  operationId: 'unlinkOauthConnection',
  summary: 'Take a linked account away; another way in must be left',
  tag: 'Auth',
  body: Type.Object({ provider: providerName }),
  replies: { 204: null },
  async handle(call, me) {
    await unlinkProvider(call.ctx, me, keys[call.body.provider] as string);
    return { status: 204 };
  },
});
