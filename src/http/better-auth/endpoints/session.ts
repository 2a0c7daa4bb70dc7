import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import {
  endAllSessions,
  endOtherSessions,
  endSession,
  endSessionByHandle,
} from '../../../core/sessions/end-session.ts';
import { listSessions } from '../../../core/sessions/list-sessions.ts';
import { json, Raw } from '../../kit/answer.ts';
import { keySessionWire } from '../api-key-wire.ts';
import { endDeviceSessions } from '../device-sessions.ts';
import { endpoint } from '../endpoint.ts';
import { sessionSchema, statusSchema, userSchema } from '../schemas.ts';
import { noStore, sessionAnswer } from '../session-answer.ts';
import { sessionJwt } from '../session-jwt.ts';
import { signOutAtProvider } from '../sign-out-at-provider.ts';
import { sessionWire } from '../wire.ts';

const flag = Type.Optional(Type.String({ description: '`false`, `0` or nothing is off; any other text is on' }));
const isOn = (text: string | undefined): boolean => !['false', '0', '', undefined].includes(text);

export const getSession = endpoint('GET /get-session', {
  needs: 'nobody',
  operationId: 'getSession',
  summary: 'The current session and its user, or null',
  tag: 'Default',
  query: Type.Object({ disableCookieCache: flag, disableRefresh: flag }),
  replies: { 200: Type.Union([Type.Object({ session: sessionSchema, user: userSchema }), Type.Null()]) },
  async handle(call) {
    const key = call.mayShowKey ? await call.key() : null;
    if (key) return { status: 200, body: keySessionWire(key, call), headers: noStore };
    const found = await call.session({
      withoutExtending: isOn(call.query.disableRefresh),
      // A token that services believe by themselves is never made from memory (core map T11).
      fromStore: call.settings.jwt || isOn(call.query.disableCookieCache),
    });
    if (found instanceof Refusal) {
      // A cookie that another server on this host made is that server's: browsers share cookies between ports.
      if (call.showsDeadCookie) call.clearSession();
      return { status: 200, body: new Raw('null'), headers: noStore };
    }
    if (call.settings.jwt) call.setReadable('set-auth-jwt', await sessionJwt(call, found.live));
    return sessionAnswer(call, call.token, found.live);
  },
});

export const postGetSession = endpoint('POST /get-session', {
  needs: 'nobody',
  operationId: 'postGetSession',
  summary: 'Refused: sessions are refreshed by reading them',
  tag: 'Default',
  hidden: true,
  replies: { 405: null },
  handle: () =>
    json(
      {
        message: 'POST method requires deferSessionRefresh to be enabled in session config',
        code: 'METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED',
      },
      405,
    ),
});

export const signOut = endpoint('POST /sign-out', {
  needs: 'nobody',
  operationId: 'signOut',
  summary: 'End the current session',
  tag: 'Default',
  bodyOptional: true,
  acceptsForms: true,
  body: Type.Object({
    callbackURL: Type.Optional(Type.String()),
    disableRedirect: Type.Optional(Type.Boolean()),
    state: Type.Optional(Type.String()),
  }),
  replies: {
    200: Type.Object({
      success: Type.Boolean(),
      url: Type.Optional(Type.String()),
      redirect: Type.Optional(Type.Boolean()),
    }),
  },
  async handle(call) {
    const actor = await call.actor();
    call.clearSession();
    if (call.settings.multiSession) await endDeviceSessions(call);
    if (actor.kind !== 'user') return json({ success: true });
    const elsewhere = await signOutAtProvider(call, actor);
    await endSession(call.ctx, actor);
    if (!elsewhere) return json({ success: true });
    const redirect = !(call.body.disableRedirect ?? false);
    return { status: 200, body: { success: true, url: elsewhere, redirect }, headers: { location: elsewhere } };
  },
});

export const listSessionsEndpoint = endpoint('GET /list-sessions', {
  needs: 'user_or_key',
  fresh: true,
  operationId: 'listSessions',
  summary: 'The live sessions of the user',
  tag: 'Default',
  replies: { 200: Type.Array(sessionSchema) },
  async handle(call, me) {
    const sessions = await listSessions(call.ctx, me);
    const current = me.kind === 'user' ? me.live.session.id : null;
    return json(
      sessions.map((session) => sessionWire(session, session.id === current ? call.token : session.id, call)),
    );
  },
});

export const revokeSession = endpoint('POST /revoke-session', {
  needs: 'user',
  operationId: 'revokeSession',
  summary: 'End one session, named by what the list showed as its token',
  tag: 'Default',
  body: Type.Object({ token: Type.String() }),
  replies: { 200: statusSchema },
  async handle(call, me) {
    try {
      await endSessionByHandle(call.ctx, me, call.body.token);
    } catch (refusal) {
      // Unknown and foreign alike: what the client wanted is already so.
      if (!(refusal instanceof Refusal && refusal.code === 'session_not_found')) throw refusal;
    }
    if (call.body.token === call.token || call.body.token === me.live.session.id) call.clearSession();
    return json({ status: true });
  },
});

export const revokeSessions = endpoint('POST /revoke-sessions', {
  needs: 'user',
  operationId: 'revokeSessions',
  summary: 'End all sessions of the user',
  tag: 'Default',
  bodyOptional: true,
  body: Type.Object({}),
  replies: { 200: statusSchema },
  async handle(call, me) {
    await endAllSessions(call.ctx, me);
    call.clearSession();
    return json({ status: true });
  },
});

export const revokeOtherSessions = endpoint('POST /revoke-other-sessions', {
  needs: 'user',
  operationId: 'revokeOtherSessions',
  summary: 'End all sessions of the user but this one',
  tag: 'Default',
  bodyOptional: true,
  body: Type.Object({}),
  replies: { 200: statusSchema },
  async handle(call, me) {
    await endOtherSessions(call.ctx, me);
    return json({ status: true });
  },
});
