import { Type } from 'typebox';
import { days } from '../../../base/clock.ts';
import { endAllSessionsOf, endSessionByAdmin, listSessionsOf } from '../../../core/sessions/administer-sessions.ts';
import { impersonateUser as impersonate, stopImpersonating as stop } from '../../../core/sessions/impersonate-user.ts';
import { json } from '../../kit/answer.ts';
import { cookieLine, expiredCookieLine } from '../../kit/cookies.ts';
import { endpoint } from '../endpoint.ts';
import { sessionSchema, successSchema, userSchema } from '../schemas.ts';
import { sessionWire, userWire } from '../wire.ts';
import { userIdSchema } from './admin-users.ts';

const tag = 'Admin';
const sessionReply = { 200: Type.Object({ session: sessionSchema, user: userSchema }) };
/** How long a browser keeps the administrator's own session aside, in seconds. */
const keptAsideSeconds = days(7) / 1000;

export const listUserSessions = endpoint('POST /admin/list-user-sessions', {
  needs: 'user_key_or_server',
  fromStore: true,
  operationId: 'listUserSessions',
  summary: 'Live sessions of a user',
  tag,
  body: Type.Object({ userId: userIdSchema }),
  replies: { 200: Type.Object({ sessions: Type.Array(sessionSchema) }) },
  async handle(call, me) {
    const sessions = await listSessionsOf(call.ctx, me, String(call.body.userId));
    const current = me.kind === 'user' ? me.live.session.id : null;
    return json({
      sessions: sessions.map((session) => sessionWire(session, session.id === current ? call.token : session.id, call)),
    });
  },
});

export const revokeUserSession = endpoint('POST /admin/revoke-user-session', {
  needs: 'user_or_server',
  operationId: 'revokeUserSession',
  summary: 'End one session, named by what the list showed as its token',
  tag,
  body: Type.Object({ sessionToken: Type.String() }),
  replies: { 200: successSchema },
  async handle(call, me) {
    await endSessionByAdmin(call.ctx, me, call.body.sessionToken);
    return json({ success: true });
  },
});

export const revokeUserSessions = endpoint('POST /admin/revoke-user-sessions', {
  needs: 'user_or_server',
  operationId: 'revokeUserSessions',
  summary: 'End all sessions of a user',
  tag,
  body: Type.Object({ userId: userIdSchema }),
  replies: { 200: successSchema },
  async handle(call, me) {
    await endAllSessionsOf(call.ctx, me, String(call.body.userId));
    return json({ success: true });
  },
});

export const impersonateUser = endpoint('POST /admin/impersonate-user', {
  needs: 'user',
  operationId: 'impersonateUser',
  summary: 'Sign in as a user for a while; the own session is kept aside',
  tag,
  body: Type.Object({ userId: userIdSchema }),
  replies: sessionReply,
  async handle(call, me) {
    const { live, token } = await impersonate(call.ctx, me, String(call.body.userId));
    const { name, sign, attributes, clearLines } = call.signed;
    for (const line of clearLines()) call.addCookie(line);
    const aside = sign(`${call.token}:${me.live.session.persistent ? '' : 'true'}`);
    call.addCookie(cookieLine(name('admin_session'), aside, attributes, keptAsideSeconds));
    call.sendSession(token, live.session);
    return json({ session: sessionWire(live.session, token, call), user: userWire(live.user, call.settings) });
  },
});

export const stopImpersonating = endpoint('POST /admin/stop-impersonating', {
  needs: 'user',
  operationId: 'stopImpersonating',
  summary: 'End the impersonation and take up the own session again',
  tag,
  bodyOptional: true,
  body: Type.Object({}),
  replies: sessionReply,
  refusals: {
    session_not_found: {
      status: 500,
      code: 'FAILED_TO_FIND_ADMIN_SESSION',
      message: 'Failed to find admin session',
    },
  },
  async handle(call, me) {
    const cookie = call.signed.name('admin_session');
    const [ownToken = ''] = (call.signed.verify(call.cookies[cookie]) ?? '').split(':');
    const own = await stop(call.ctx, me, ownToken);
    call.sendSession(ownToken, own.session);
    call.addCookie(expiredCookieLine(cookie, call.signed.attributes));
    return json({ session: sessionWire(own.session, ownToken, call), user: userWire(own.user, call.settings) });
  },
});
