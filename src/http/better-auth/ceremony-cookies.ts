import { createHash } from 'node:crypto';
import { cookieLine, expiredCookieLine } from '../kit/cookies.ts';
import type { BetterAuthCall } from './call.ts';

/** What a browser may be in the middle of, several times at once: two tabs, a page that asks twice. */
export type CeremonyCookie = 'state' | 'better-auth-passkey';

/** More are not kept: the oldest one ends. */
const mostAtOnce = 5;

/** One cookie for each ceremony, named by what its answer will bring: none ends or replaces another. */
const nameOf = (call: BetterAuthCall, kind: CeremonyCookie, broughtBack: string): string =>
  `${call.signed.name(kind)}-${createHash('sha256').update(broughtBack).digest('base64url').slice(0, 12)}`;

const madeHere = /^[\w-]{12}$/;

/**
 * Oldest first: browsers send cookies in the order in which they were made (RFC 6265 §5.4 step 2). Names that were not
 * made here are left alone: they may hold what no `Set-Cookie` can.
 */
function openOf(call: BetterAuthCall, kind: CeremonyCookie): string[] {
  const start = `${call.signed.name(kind)}-`;
  return Object.keys(call.cookies).filter((name) => name.startsWith(start) && madeHere.test(name.slice(start.length)));
}

/** @param broughtBack what the answer names the ceremony by: the state, or the challenge */
export function beginCeremony(
  call: BetterAuthCall,
  kind: CeremonyCookie,
  broughtBack: string,
  token: string,
  seconds: number,
): void {
  const { signed } = call;
  const open = openOf(call, kind);
  for (const name of open.slice(0, Math.max(0, open.length - mostAtOnce + 1)))
    call.addCookie(expiredCookieLine(name, signed.attributes));
  call.addCookie(cookieLine(nameOf(call, kind, broughtBack), signed.sign(token), signed.attributes, seconds));
}

/**
 * The token of the ceremony that this answer belongs to, and the end of its cookie; null: not begun in this browser.
 * @param broughtBack null takes the one begun last: an answer that belongs to none ends it all the same
 */
export function endCeremony(call: BetterAuthCall, kind: CeremonyCookie, broughtBack: string | null): string | null {
  const { signed } = call;
  const name = broughtBack === null ? openOf(call, kind).at(-1) : nameOf(call, kind, broughtBack);
  if (name === undefined) return null;
  const [token = null] = call
    .cookieTwins(name)
    .map(signed.verify)
    .filter((value) => value !== null);
  if (token !== null) call.addCookie(expiredCookieLine(name, signed.attributes));
  return token;
}
