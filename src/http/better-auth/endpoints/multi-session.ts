import { Type } from 'typebox';
import { json } from '../../kit/answer.ts';
import type { BetterAuthCall } from '../call.ts';
import { type DeviceSession, deviceSessions, endDeviceSession, findDeviceSession } from '../device-sessions.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { sessionSchema, statusSchema, userSchema } from '../schemas.ts';
import { sessionWire, userWire } from '../wire.ts';

const tag = 'Multi-session';
const body = Type.Object({ sessionToken: Type.String() });
const pair = Type.Object({ session: sessionSchema, user: userSchema });

const unknown: WireError = { status: 401, code: 'INVALID_SESSION_TOKEN', message: 'Invalid session token' };
const refusals = { session_not_found: unknown };

/** The browser holds every one of these tokens already. */
const wire = (call: BetterAuthCall, { live, token }: DeviceSession) => ({
  session: sessionWire(live.session, token, call),
  user: userWire(live.user, call.settings),
});

export const listDeviceSessions = endpoint('GET /multi-session/list-device-sessions', {
  needs: 'nobody',
  operationId: 'listDeviceSessions',
  summary: 'The people signed in in this browser',
  tag,
  replies: { 200: Type.Array(pair) },
  handle: async (call) => json((await deviceSessions(call)).map((session) => wire(call, session))),
});

export const setActiveSession = endpoint('POST /multi-session/set-active', {
  needs: 'nobody',
  operationId: 'setActiveSession',
  summary: 'Go on as another of them',
  tag,
  body,
  replies: { 200: pair },
  refusals,
  async handle(call) {
    const found = await findDeviceSession(call, call.body.sessionToken);
    call.sendSession(found.token, found.live.session);
    return json(wire(call, found));
  },
});

export const revokeDeviceSession = endpoint('POST /multi-session/revoke', {
  needs: 'user',
  operationId: 'revokeDeviceSession',
  summary: 'Sign one of them out',
  tag,
  body,
  replies: { 200: statusSchema },
  refusals,
  async handle(call, me) {
    const found = await findDeviceSession(call, call.body.sessionToken);
    await endDeviceSession(call, found);
    if (found.live.session.id !== me.live.session.id) return json({ status: true });
    const next = (await deviceSessions(call)).find(({ live }) => live.session.id !== me.live.session.id);
    if (next) call.sendSession(next.token, next.live.session);
    else call.clearSession();
    return json({ status: true });
  },
});
