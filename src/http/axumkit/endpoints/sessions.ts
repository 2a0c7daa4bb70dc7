import { Type } from 'typebox';
import { endSessionByHandle } from '../../../core/sessions/end-session.ts';
import { listSessions } from '../../../core/sessions/list-sessions.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { nullable, time } from '../schemas.ts';
import { timeWire } from '../wire.ts';

/** Operations of later versions that stand beside the seed's without changing them (spec §5.3). */
export const listSessionsEndpoint = endpoint('GET /v0/auth/sessions', {
  needs: 'user',
  operationId: 'listSessions',
  summary: 'The live sessions of the signed-in user',
  tag: 'Auth',
  replies: {
    200: Type.Object({
      sessions: Type.Array(
        Type.Object({
          management_id: Type.String(),
          is_current: Type.Boolean(),
          created_at: time,
          last_used_at: time,
          expires_at: time,
          user_agent: nullable(Type.String()),
          ip_address: nullable(Type.String()),
        }),
      ),
    }),
  },
  async handle(call, me) {
    const sessions = await listSessions(call.ctx, me);
    return json({
      sessions: sessions.map((session) => ({
        management_id: session.id,
        is_current: session.id === me.live.session.id,
        created_at: timeWire(session.createdAt),
        last_used_at: timeWire(session.lastUsedAt),
        expires_at: timeWire(session.expiresAt),
        user_agent: session.userAgent,
        ip_address: session.ip,
      })),
    });
  },
});

export const endSessionEndpoint = endpoint('DELETE /v0/auth/sessions/:management_id', {
  needs: 'user',
  operationId: 'revokeSession',
  summary: 'End one session of the signed-in user, named as the list names it',
  tag: 'Auth',
  params: Type.Object({ management_id: Type.String() }),
  replies: { 204: null },
  async handle(call, me) {
    await endSessionByHandle(call.ctx, me, call.params.management_id);
    return { status: 204 };
  },
});
