import type { Context } from '../../core/context.ts';
import type { Session } from '../../core/sessions/session.ts';
import { type CookieAttributes, cookieLine, expiredCookieLine, otherDomains } from '../kit/cookies.ts';
import { keptWith } from './kept.ts';
import type { BetterAuthSettings } from './settings.ts';

/** Names, attributes and the signed form of the dialect's cookies (spec §1.7). */
export interface Cookies {
  readonly name: (short: string) => string;
  /** Name of the cookie that nearly every request brings. */
  readonly session: string;
  readonly attributes: CookieAttributes;
  sign(value: string): string;
  /** Signed as such cookies are, by somebody else. */
  isForeign(signed: string): boolean;
  /** The value, or null when the signature is missing or not ours. */
  verify(signed: string | undefined): string | null;
  /** What a browser gets for a session: its token, and whether to forget it when it closes. */
  sessionLines(token: string, session: Session): string[];
  /** Of a further session in this browser. */
  deviceSessionLine(token: string, session: Session): string;
  /** The three that end a session, in upstream's order. */
  clearLines(): string[];
  /** Of those that a browser kept from when they had another domain. */
  clearTwinLines(): string[];
  clearedElsewhere(name: string): string[];
}

/** Start of the names of cookies that hold further sessions; the session's id follows. */
export const deviceSessionPrefix = 'session_token_multi-';

const ofSession = ['session_token', 'session_data', 'dont_remember'] as const;

const signatureLength = 44;
const decoded = (signature: string): Uint8Array => Buffer.from(signature, 'base64');

export function betterAuthCookies(
  ctx: Pick<Context, 'vault' | 'clock' | 'sessionCache'>,
  settings: Pick<BetterAuthSettings, 'baseUrl' | 'cookiePrefix' | 'cookieDomain'>,
): Cookies {
  const secure = settings.baseUrl.startsWith('https:');
  const attributes: CookieAttributes = { path: '/', domain: settings.cookieDomain, secure };
  const name = (short: string) => `${secure ? '__Secure-' : ''}${settings.cookiePrefix}.${short}`;

  const lifeOf = ({ persistent, expiresAt }: Session): number | null =>
    persistent ? Math.round((expiresAt - ctx.clock.now()) / 1000) : null;

  const clearedElsewhere = (named: string): string[] =>
    otherDomains(new URL(settings.baseUrl).hostname, settings.cookieDomain).map((domain) =>
      expiredCookieLine(named, { ...attributes, domain }),
    );

  const sign = (value: string) =>
    `${value}.${Buffer.from(ctx.vault.mac('better-auth cookie', value)).toString('base64')}`;

  function parts(signed: string): { readonly value: string; readonly signature: string } | null {
    const dot = signed.lastIndexOf('.');
    const signature = signed.slice(dot + 1);
    if (dot <= 0 || signature.length !== signatureLength || !signature.endsWith('=')) return null;
    return { value: signed.slice(0, dot), signature };
  }

  return {
    name,
    session: name('session_token'),
    attributes,
    sign,
    isForeign(signed) {
      const read = parts(signed);
      return read !== null && !ctx.vault.verifyMac('better-auth cookie', read.value, decoded(read.signature));
    },
    verify(signed) {
      if (signed === undefined) return null;
      const read = parts(signed);
      if (!read) return null;
      const { value, signature } = read;
      // The same browser sends the same cookie with every request: a live session keeps the one found right.
      const live = ctx.sessionCache.get(value);
      const kept = live && keptWith(live);
      if (kept?.cookie === signed) return value;
      if (!ctx.vault.verifyMac('better-auth cookie', value, decoded(signature))) return null;
      if (kept) kept.cookie = signed;
      return value;
    },
    sessionLines(token, session) {
      const lines = [cookieLine(name('session_token'), sign(token), attributes, lifeOf(session))];
      if (!session.persistent) lines.push(cookieLine(name('dont_remember'), sign('true'), attributes, null));
      return lines;
    },
    deviceSessionLine: (token, session) =>
      cookieLine(`${name(deviceSessionPrefix)}${session.id}`, sign(token), attributes, lifeOf(session)),
    clearLines: () => ofSession.map((short) => expiredCookieLine(name(short), attributes)),
    clearTwinLines: () => ofSession.flatMap((short) => clearedElsewhere(name(short))),
    clearedElsewhere,
  };
}
