import type { AxumKitSettings } from './settings.ts';

export const sessionCookie = 'session_id';
export const anonymousCookie = 'anonymous_user_id';

/**
 * A `Set-Cookie` line in upstream's words and order; `Secure` also over plain http, where browsers make an exception
 * for loopback (spec §1.2, §1.3).
 * @param maxAgeSeconds null lives as long as the browser
 */
export function cookieLine(
  { cookieDomain }: Pick<AxumKitSettings, 'cookieDomain'>,
  name: string,
  value: string,
  maxAgeSeconds: number | null,
): string {
  const domain = cookieDomain === null ? '' : `; Domain=${cookieDomain}`;
  const life = maxAgeSeconds === null ? '' : `; Max-Age=${maxAgeSeconds}`;
  return `${name}=${encodeURIComponent(value)}; HttpOnly; SameSite=Lax; Secure; Path=/${domain}${life}`;
}
