import { Refusal } from '../../base/refusal.ts';
import { checkSession } from '../../core/sessions/check-session.ts';
import { endSession } from '../../core/sessions/end-session.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { expiredCookieLine } from '../kit/cookies.ts';
import type { BetterAuthCall } from './call.ts';
import { deviceSessionPrefix } from './session-cookies.ts';

/** Further sessions of a browser, each in a cookie of its own. Its name says nothing; its signed value is the session. */
export interface DeviceSession {
  readonly cookie: string;
  readonly token: string;
  readonly live: LiveSession;
}

const maxDeviceSessions = 5;

const cookieNames = (call: BetterAuthCall): string[] =>
  Object.keys(call.cookies).filter((name) => name.startsWith(call.signed.name(deviceSessionPrefix)));

/** Those of this browser that are live, whatever their cookies are called (GHSA-wmjr-v86c-m9jj). */
export async function deviceSessions(call: BetterAuthCall): Promise<readonly DeviceSession[]> {
  const found: DeviceSession[] = [];
  for (const cookie of cookieNames(call)) {
    const token = call.signed.verify(call.cookies[cookie]);
    if (token === null || found.some((session) => session.token === token)) continue;
    const checked = await checkSession(call.ctx, token, { fromStore: true, withoutExtending: true });
    if (!(checked instanceof Refusal)) found.push({ cookie, token, live: checked.live });
  }
  return found;
}

/** Named by its token or by the handle that lists show. @throws Refusal session_not_found */
export async function findDeviceSession(call: BetterAuthCall, named: string): Promise<DeviceSession> {
  const found = (await deviceSessions(call)).find(({ token, live }) => token === named || live.session.id === named);
  if (!found) throw new Refusal('session_not_found', { why: 'this browser does not hold it' });
  return found;
}

export async function endDeviceSession(call: BetterAuthCall, { cookie, live }: DeviceSession): Promise<void> {
  await endSession(call.ctx, { kind: 'user', from: call.from, live });
  forget(call, cookie);
}

const forget = (call: BetterAuthCall, cookie: string): void =>
  call.addCookie(expiredCookieLine(cookie, call.signed.attributes));

/** An answer that hands out a session keeps it beside the others; an older one of the same person ends. */
export async function keepDeviceSessions(call: BetterAuthCall): Promise<void> {
  const { newSession: added, signed } = call;
  if (!added) return;
  const held = await deviceSessions(call);
  const others = held.filter(({ live }) => live.session.id !== added.session.id);
  const replaced = others.filter(({ live }) => live.session.userId === added.session.userId);
  for (const session of replaced) await endDeviceSession(call, session);
  const live = new Set(held.map(({ cookie }) => cookie));
  for (const cookie of cookieNames(call)) if (!live.has(cookie)) forget(call, cookie);
  if (others.length - replaced.length >= maxDeviceSessions) return;
  call.addCookie(signed.deviceSessionLine(added.token, added.session));
}

/** Signing out is for the whole browser. */
export async function endDeviceSessions(call: BetterAuthCall): Promise<void> {
  for (const session of await deviceSessions(call)) await endDeviceSession(call, session);
}
