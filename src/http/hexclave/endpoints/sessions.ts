import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { listSessionsOf } from '../../../core/sessions/administer-sessions.ts';
import { endSessionByHandle } from '../../../core/sessions/end-session.ts';
import { listSessions } from '../../../core/sessions/list-sessions.ts';
import { openSessionForUser } from '../../../core/sessions/open-session-for-user.ts';
import { isImpersonation, type Session } from '../../../core/sessions/session.ts';
import { json } from '../../kit/answer.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { longestServerSessionMs } from '../profile.ts';
import { Fields, listOf, success, userId } from '../schemas.ts';
import { known, text } from '../wire-error.ts';

const tag = 'Sessions';

const sessionItem = Type.Object({
  id: Type.String(),
  user_id: Type.String(),
  created_at: Type.Integer(),
  is_impersonation: Type.Boolean(),
  last_used_at: Type.Integer(),
  is_current_session: Type.Boolean(),
  last_used_at_end_user_ip_info: Type.Optional(Type.Object({ ip: Type.String() })),
});

const sessionWire = (call: HexclaveCall, session: Session) => ({
  id: session.id,
  user_id: session.userId,
  created_at: session.createdAt,
  is_impersonation: isImpersonation(session),
  last_used_at: session.lastUsedAt,
  is_current_session: session.id === call.live?.session.id,
  ...(session.ip !== null && { last_used_at_end_user_ip_info: { ip: session.ip } }),
});

export const listSessionsEndpoint = endpoint('GET /auth/sessions', {
  needs: 'user_or_server',
  operationId: 'listSessions',
  summary: 'The sessions of a user, newest first',
  tag,
  query: Fields({ user_id: userId() }),
  replies: { 200: listOf(sessionItem) },
  refusals: {
    self_only: text(403, 'Client can only list sessions for their own user.'),
  },
  async handle(call, me) {
    const subject = call.subject(me, call.query.user_id);
    const sessions =
      me.kind === 'user' ? await listSessions(call.ctx, me) : await listSessionsOf(call.ctx, me, subject);
    return json({ items: sessions.toReversed().map((session) => sessionWire(call, session)), is_paginated: false });
  },
});

export const deleteSession = endpoint('DELETE /auth/sessions/:id', {
  needs: 'user_or_server',
  operationId: 'deleteSession',
  summary: 'End one session of a user',
  tag,
  params: Fields({ id: Type.String() }),
  query: Fields({ user_id: userId() }),
  serverQuery: Fields({ user_id: Type.Optional(userId()) }),
  replies: { 200: success },
  refusals: { self_only: text(403, 'Client can only delete sessions for their own user.') },
  async handle(call, me) {
    const { id } = call.params;
    if (id === call.live?.session.id) throw new Refusal('session_is_current');
    const subject = me.kind === 'server' ? call.query.user_id : call.subject(me, call.query.user_id);
    await endSessionByHandle(call.ctx, me, id, subject ?? null);
    return json({ success: true });
  },
});

export const createSession = endpoint('POST /auth/sessions', {
  needs: 'server',
  operationId: 'createSession',
  summary: 'Sign a user in, or act as them, on the word of the project’s server',
  tag,
  body: Fields({
    user_id: userId(),
    expires_in_millis: Type.Optional(Type.Integer({ minimum: 1, maximum: longestServerSessionMs })),
    is_impersonation: Type.Optional(Type.Boolean()),
  }),
  replies: { 200: Type.Object({ refresh_token: Type.String(), access_token: Type.String() }) },
  refusals: {
    user_not_found: ({ given = '' }) =>
      known(400, 'USER_ID_DOES_NOT_EXIST', `The given user with the ID ${given} does not exist.`, { user_id: given }),
  },
  async handle(call, me) {
    const { user_id, expires_in_millis: life = 31_536_000_000, is_impersonation: impersonation = false } = call.body;
    const { live, token } = await openSessionForUser(call.ctx, me, {
      userId: user_id,
      lifeSeconds: life / 1000,
      impersonation,
    });
    const { access_token, refresh_token } = await call.tokens(token, live);
    return json({ refresh_token, access_token });
  },
});
