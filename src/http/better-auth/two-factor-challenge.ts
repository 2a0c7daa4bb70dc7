import { mayMailFactor } from '../../core/factors/mailed-factor.ts';
import type { DeviceTrust } from '../../core/factors/trusted-device.ts';
import type { Admission } from '../../core/sessions/admit-user.ts';
import { type Answer, json } from '../kit/answer.ts';
import { cookieLine, expiredCookieLine } from '../kit/cookies.ts';
import type { BetterAuthCall } from './call.ts';

type Pending = Extract<Admission, { kind: 'second_factor_required' }>;

/**
 * Sets the challenge cookie and takes away any session the browser had. No session of the new sign-in exists yet, so
 * none can leak (spec §3.5 step 3).
 */
export function setChallenge(call: BetterAuthCall, { pending, token }: Pending): void {
  const { signed } = call;
  call.addCookie(expiredCookieLine(signed.name('session_token'), signed.attributes));
  call.addCookie(expiredCookieLine(signed.name('session_data'), signed.attributes));
  if (!pending.persistent) {
    call.addCookie(cookieLine(signed.name('dont_remember'), signed.sign('true'), signed.attributes, null));
  }
  const seconds = Math.round((pending.expiresAt - pending.createdAt) / 1000);
  call.keepSigned('two_factor', token, seconds);
  call.challenged = true;
}

export function twoFactorAnswer(call: BetterAuthCall, admission: Pending): Answer {
  setChallenge(call, admission);
  const { person, pending } = admission;
  const mailed = mayMailFactor(call.ctx, person, pending.firstMethod);
  const methods = [...(person.factors.totp ? ['totp'] : []), ...(mailed ? ['otp'] : [])];
  return json({ twoFactorRedirect: true, twoFactorMethods: methods });
}

/** The token of the pending sign-in; empty when there is none, which leads to no pending sign-in. */
export const challengeToken = (call: BetterAuthCall): string =>
  call.signed.verify(call.cookies[call.signed.name('two_factor')]) ?? '';

export const clearChallenge = (call: BetterAuthCall): void =>
  call.addCookie(expiredCookieLine(call.signed.name('two_factor'), call.signed.attributes));

/** What the browser showed as its trust; the gate decides what it is worth. */
export const trustToken = (call: BetterAuthCall): string | null =>
  call.signed.verify(call.cookies[call.signed.name('trust_device')]);

export function keepTrust(call: BetterAuthCall, trust: DeviceTrust | null): void {
  if (!trust) return;
  call.keepSigned('trust_device', trust.token, trust.lifeSeconds);
}
