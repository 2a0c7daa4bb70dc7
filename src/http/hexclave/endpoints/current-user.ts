import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { userWire } from '../user-wire.ts';

export const readCurrentUser = endpoint('GET /users/me', {
  operationId: 'getCurrentUser',
  summary: 'The user the access token speaks of',
  tag: 'Users',
  access: 'client',
  replies: { 200: Type.Object({ id: Type.String() }) },
  async handle(call) {
    if (!call.live) throw new Refusal('not_signed_in', { field: 'me' });
    return json(await userWire(call.ctx, call.live.user));
  },
});
