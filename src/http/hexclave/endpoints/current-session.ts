import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { checkSession } from '../../../core/sessions/check-session.ts';
import { endSessionByHandle } from '../../../core/sessions/end-session.ts';
import { mintAccessToken } from '../../../core/signing/access-token.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { success } from '../schemas.ts';

export const signOut = endpoint('DELETE /auth/sessions/current', {
  operationId: 'signOut',
  summary: 'End the session that the access token names',
  tag: 'Sessions',
  access: 'client',
  takesEnded: true,
  replies: { 200: success },
  async handle(call) {
    if (!call.claims) throw new Refusal('access_token_expired');
    if (!call.live) throw new Refusal('refresh_token_rejected');
    await endSessionByHandle(call.ctx, call.user(), call.live.session.id);
    return json({ success: true });
  },
});

export const refreshSession = endpoint('POST /auth/sessions/current/refresh', {
  operationId: 'refreshSession',
  summary: 'A new access token for a refresh token',
  tag: 'Sessions',
  access: 'client',
  requiredHeaders: ['refresh-token'],
  replies: { 200: Type.Object({ access_token: Type.String() }) },
  async handle(call) {
    const checked = await checkSession(call.ctx, call.named('refresh-token')!, { fromStore: true });
    if (checked instanceof Refusal) throw new Refusal('refresh_token_rejected', { why: checked.code });
    return json({ access_token: await mintAccessToken(call.ctx, checked.live) });
  },
});
