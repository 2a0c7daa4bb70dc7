import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { checkSession } from '../../../core/sessions/check-session.ts';
import { endSessionByHandle } from '../../../core/sessions/end-session.ts';
import { mintAccessToken } from '../../../core/signing/access-token.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { accessTokenExpired, requestErrors } from '../request-errors.ts';
import { success } from '../schemas.ts';

export const signOut = endpoint('DELETE /auth/sessions/current', {
  needs: 'user',
  operationId: 'signOut',
  summary: 'End the session that the access token names',
  tag: 'Sessions',
  takesEnded: true,
  replies: { 200: success },
  refusals: {
    not_signed_in: ({ field, token }) =>
      field === 'no_token' ? accessTokenExpired(token) : requestErrors.refresh_token_rejected,
  },
  async handle(call, me) {
    await endSessionByHandle(call.ctx, me, me.live.session.id);
    return json({ success: true });
  },
});

export const refreshSession = endpoint('POST /auth/sessions/current/refresh', {
  needs: 'project_client',
  operationId: 'refreshSession',
  summary: 'A new access token for a refresh token',
  tag: 'Sessions',
  requiredHeaders: ['refresh-token'],
  replies: { 200: Type.Object({ access_token: Type.String() }) },
  async handle(call) {
    const checked = await checkSession(call.ctx, call.named('refresh-token')!, { fromStore: true });
    if (checked instanceof Refusal) throw new Refusal('refresh_token_rejected', { why: checked.code });
    return json({ access_token: await mintAccessToken(call.ctx, checked.live) });
  },
});
