import { Type } from 'typebox';
import { deleteAnonymousUser, signUpAnonymously } from '../../../core/users/sign-up-anonymously.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { successSchema, userSchema } from '../schemas.ts';
import { twoFactorAnswer } from '../two-factor-challenge.ts';
import { userWire } from '../wire.ts';

const tag = 'Anonymous';

export const signInAnonymous = endpoint('POST /sign-in/anonymous', {
  needs: 'nobody',
  operationId: 'signInAnonymous',
  summary: 'Sign in without saying who',
  tag,
  bodyOptional: true,
  body: Type.Object({}),
  replies: { 200: Type.Object({ token: Type.String(), user: userSchema }) },
  async handle(call) {
    const admission = await signUpAnonymously(call.ctx, await call.actor());
    if (admission.kind !== 'session') return twoFactorAnswer(call, admission);
    call.sendSession(admission.token, admission.live.session);
    return json({ token: admission.token, user: userWire(admission.live.user, call.settings) });
  },
});

export const deleteAnonymousUserEndpoint = endpoint('POST /delete-anonymous-user', {
  needs: 'user',
  operationId: 'deleteAnonymousUser',
  summary: 'Erase the anonymous user who asks',
  tag,
  bodyOptional: true,
  body: Type.Object({}),
  replies: { 200: successSchema },
  async handle(call, me) {
    await deleteAnonymousUser(call.ctx, me);
    call.clearSession();
    return json({ success: true });
  },
});
