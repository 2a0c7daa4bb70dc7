import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import type { Actor } from '../../../core/actor.ts';
import { findProvider } from '../../../core/identities/provider-visit.ts';
import { startProviderFlow } from '../../../core/identities/start-provider-flow.ts';
import { admitProjectKey } from '../../../core/projects/admit-project-key.ts';
import { checkCodeReturn, trustedCodeReturn, withoutFragment } from '../../../core/return-urls.ts';
import { checkBotChallenge } from '../../../core/users/bot-challenge.ts';
import { json } from '../../kit/answer.ts';
import { challengeOf } from '../challenge.ts';
import { endpoint } from '../endpoint.ts';
import { bearerOf, contextOfClient, outerScope } from '../oauth-client.ts';
import { rememberFlow } from '../oauth-cookie.ts';
import { botChallenge, Fields, OneOf, url } from '../schemas.ts';
import { text } from '../wire-error.ts';

const mode = () => Type.Optional(OneOf('json', 'redirect'));

export const oauthAuthorize = endpoint('GET /auth/oauth/authorize/:provider_id', {
  needs: 'nobody',
  operationId: 'oauthAuthorize',
  summary: 'Begin a sign-in, or a link, at a provider',
  tag: 'OAuth',
  lenient: true,
  params: Fields({ provider_id: Type.String() }),
  query: Fields({
    client_id: Type.String(),
    client_secret: Type.String(),
    redirect_uri: url(),
    scope: Type.String(),
    state: Type.String({ maxLength: 2048 }),
    grant_type: OneOf('authorization_code'),
    code_challenge: Type.String({ minLength: 1, maxLength: 256 }),
    code_challenge_method: OneOf('S256'),
    response_type: OneOf('code'),
    type: Type.Optional(OneOf('authenticate', 'link')),
    token: Type.Optional(Type.String()),
    provider_scope: Type.Optional(Type.String({ maxLength: 2048 })),
    error_redirect_uri: Type.Optional(url()),
    error_redirect_url: Type.Optional(url()),
    after_callback_redirect_url: Type.Optional(url()),
    stack_response_mode: mode(),
    hexclave_response_mode: mode(),
    ...botChallenge,
  }),
  replies: { 200: Type.Object({ location: Type.String() }), 307: null },
  refusals: {
    not_signed_in: text(400, '?token= query parameter is required for link type'),
    access_token_wrong_project: text(403, 'The access token is not valid for this project'),
  },
  async handle(call) {
    const { query } = call;
    const { provider_id: provider } = call.params;
    const ctx = await contextOfClient(call, query.client_id);
    await admitProjectKey(ctx, () => call.from, 'client', query.client_secret);
    const intent = query.type === 'link' ? 'link' : 'sign_in';
    const { facts } = findProvider(ctx, provider, intent);
    const token = query.token || null;
    if (intent === 'link' && token === null) throw new Refusal('not_signed_in');
    const asked = query.after_callback_redirect_url;
    const after = asked === undefined ? null : checkCodeReturn(ctx, asked, 'after_callback_redirect_url');
    const challenge = await checkBotChallenge(ctx, call.from, 'oauth_authenticate', challengeOf(query));
    const extraScopes = (query.provider_scope ?? '').split(/\s+/).filter((scope) => scope !== '');
    if (facts.shared && extraScopes.length > 0) throw new Refusal('provider_scope_refused', { field: 'shared' });
    const nobody: Actor = { kind: 'anonymous', from: call.from };
    const actor = token === null ? nobody : await bearerOf(call, ctx, token);
    if (query.scope !== outerScope) throw new Refusal('provider_scope_refused', { given: query.scope.slice(0, 100) });

    const wantsJson = (query.hexclave_response_mode ?? query.stack_response_mode) === 'json';
    const started = await startProviderFlow(ctx, actor, {
      ...{ provider, intent, returnTo: null, newUserReturnTo: null },
      errorReturnTo: trustedCodeReturn(ctx, query.error_redirect_uri ?? query.error_redirect_url ?? ''),
      redirectUri: `${call.settings.baseUrl}/api/v1/auth/oauth/callback/${encodeURIComponent(provider)}`,
      ...{ extraScopes, loginHint: null, browserToken: null, requestSignUp: true },
      extraParameters: { access_type: 'offline', prompt: 'consent' },
      mayMakePerson: challenge.mayMakePerson,
      outer: {
        redirectUri: withoutFragment(query.redirect_uri),
        state: query.state,
        codeChallenge: query.code_challenge,
        codeChallengeMethod: query.code_challenge_method,
        returnTo: after,
      },
      browserBound: !wantsJson,
      stateNamesProject: true,
    });
    if (wantsJson) return json({ location: started.url });
    rememberFlow(call, started.state);
    return { status: 307, headers: { location: started.url } };
  },
});
