import { stringifySetCookie } from 'cookie';

export interface CookieAttributes {
  readonly path: string;
  readonly domain: string | null;
  readonly secure: boolean;
}

/** A `Set-Cookie` line: always HttpOnly and SameSite=Lax (rule 24). `maxAgeSeconds` null lives as long as the browser. */
export function cookieLine(
  name: string,
  value: string,
  attributes: CookieAttributes,
  maxAgeSeconds: number | null,
): string {
  const cookie = {
    name,
    value,
    ...(maxAgeSeconds !== null && { maxAge: maxAgeSeconds }),
    ...(attributes.domain !== null && { domain: attributes.domain }),
    path: attributes.path,
    httpOnly: true,
    secure: attributes.secure,
    sameSite: 'lax',
  } as const;
  return stringifySetCookie(cookie, { encode: encodeURIComponent });
}

export const expiredCookieLine = (name: string, attributes: CookieAttributes): string =>
  cookieLine(name, '', attributes, 0);
