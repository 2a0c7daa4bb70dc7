import { Type } from 'typebox';
import { redeemSharedSession, shareSession } from '../../../core/sessions/share-session.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { sessionSchema, userSchema } from '../schemas.ts';
import { sessionWire, userWire } from '../wire.ts';

const tag = 'One-time-token';

export const generateOneTimeToken = endpoint('GET /one-time-token/generate', {
  needs: 'user',
  fromStore: true,
  operationId: 'generateOneTimeToken',
  summary: 'A token that hands this session to another domain, once',
  tag,
  replies: { 200: Type.Object({ token: Type.String() }) },
  async handle(call, me) {
    const token = await shareSession(call.ctx, me, call.token);
    return { status: 200, body: { token }, headers: { 'cache-control': 'no-store' } };
  },
});

export const verifyOneTimeToken = endpoint('POST /one-time-token/verify', {
  needs: 'nobody',
  operationId: 'verifyOneTimeToken',
  summary: 'Take over the session that a token stands for',
  tag,
  body: Type.Object({ token: Type.String() }),
  replies: { 200: Type.Object({ session: sessionSchema, user: userSchema }) },
  refusals: { session_expired: { status: 400, code: 'SESSION_EXPIRED', message: 'Session expired' } },
  async handle(call) {
    const { live, token } = await redeemSharedSession(
      call.ctx,
      { kind: 'anonymous', from: call.from },
      call.body.token,
    );
    call.sendSession(token, live.session);
    return json({
      session: sessionWire(live.session, token, call),
      user: userWire(live.user, call.settings),
    });
  },
});
