import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { checkCodeReturn, withoutFragment, withQuery } from '../../../core/return-urls.ts';
import { checkSession } from '../../../core/sessions/check-session.ts';
import { shareSession } from '../../../core/sessions/share-session.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, url } from '../schemas.ts';
import { text } from '../wire-error.ts';

const handoff = 'Cross-domain auth handoff';
const problems = {
  missing: text(400, `${handoff} requires passing the current refresh token.`),
  other: text(401, `${handoff} refresh token does not match the authenticated session.`),
};

export const crossDomainAuthorize = endpoint('POST /auth/oauth/cross-domain/authorize', {
  needs: 'user',
  operationId: 'crossDomainAuthorize',
  summary: 'A code with which another site takes part in this session',
  tag: 'OAuth',
  body: Fields({
    redirect_uri: url(),
    state: Type.String({ minLength: 1, maxLength: 512 }),
    code_challenge: Type.String({ pattern: '^[A-Za-z0-9._~-]{43,128}$' }),
    code_challenge_method: Type.Optional(Type.Literal('S256')),
    after_callback_redirect_url: Type.Optional(url()),
  }),
  replies: { 200: Type.Object({ redirect_url: Type.String() }) },
  refusals: { refresh_token_rejected: ({ field = 'other' }) => problems[field as keyof typeof problems] },
  async handle(call, me) {
    const { body, ctx } = call;
    const token = call.named('refresh-token');
    if (token === null) throw new Refusal('refresh_token_rejected', { field: 'missing' });
    const checked = await checkSession(ctx, token, { fromStore: true });
    // A token that names no session is not the one of this session either.
    if (checked instanceof Refusal) {
      throw new Refusal('refresh_token_rejected', { field: 'other', why: checked.code });
    }
    if (checked.live.session.id !== me.live.session.id) {
      throw new Refusal('refresh_token_rejected', { field: 'other' });
    }
    const redirectUri = checkCodeReturn(ctx, withoutFragment(body.redirect_uri), 'redirect_uri');
    const after = body.after_callback_redirect_url;
    const code = await shareSession(ctx, { ...me, live: checked.live }, token, {
      redirectUri: withoutFragment(body.redirect_uri),
      state: body.state,
      codeChallenge: body.code_challenge,
      codeChallengeMethod: 'S256',
      returnTo: after === undefined ? null : checkCodeReturn(ctx, after, 'after_callback_redirect_url'),
    });
    return json({ redirect_url: withQuery(redirectUri, { code, state: body.state }, '%20') });
  },
});
