import { isIP } from 'node:net';
import { parseCookie, stringifySetCookie } from 'cookie';

export interface CookieAttributes {
  readonly path: string;
  readonly domain: string | null;
  readonly secure: boolean;
}

/**
 * A `Set-Cookie` line: SameSite=Lax, and HttpOnly unless pages are to read it.
 * @param maxAgeSeconds null lives as long as the browser
 */
export function cookieLine(
  name: string,
  value: string,
  attributes: CookieAttributes,
  maxAgeSeconds: number | null,
  { readable = false }: { readonly readable?: boolean } = {},
): string {
  const cookie = {
    name,
    value,
    ...(maxAgeSeconds !== null && { maxAge: maxAgeSeconds }),
    ...(attributes.domain !== null && { domain: attributes.domain }),
    path: attributes.path,
    httpOnly: !readable,
    secure: attributes.secure,
    sameSite: 'lax',
  } as const;
  return stringifySetCookie(cookie, { encode: encodeURIComponent });
}

/** More are not looked at: a browser has one, a few where the configuration changed, and more where a sibling host plants them. */
const mostTwins = 20;

/**
 * Every value that was sent under a name, in the order of the header. Browsers keep one for each domain and path, and
 * send all of them (RFC 6265 §5.4); which comes first says nothing about which one counts.
 */
export function cookieTwins(header: string | undefined, name: string): readonly string[] {
  if (!header?.includes(name)) return [];
  return header
    .split(';')
    .flatMap((pair) => (pair.trim().startsWith(`${name}=`) ? [parseCookie(pair.trim())[name] ?? ''] : []))
    .slice(0, mostTwins);
}

/**
 * Where else a browser may keep a cookie of this host, from when `cookieDomain` was another: on the host alone (null),
 * or for it and one of the domains above it.
 */
export function otherDomains(host: string, domain: string | null): readonly (string | null)[] {
  const labels = isIP(host) === 0 ? host.split('.') : [];
  const above = labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'));
  return [null, ...above].filter((other) => other !== domain);
}

export const expiredCookieLine = (name: string, attributes: CookieAttributes): string =>
  cookieLine(name, '', attributes, 0);
