import { timingSafeEqual } from 'node:crypto';

/** One way in which a password can be kept. Only argon2id with the configured costs is written; the others are read. */
export interface Scheme {
  readonly name: string;
  /** Null when the text is not of this scheme. */
  read(hash: string): Reading | null;
}

export type Reading =
  | { readonly kind: 'readable'; matches(password: string): Promise<boolean> }
  /** Malformed, or so dear that computing it would be an attack on this server. */
  | { readonly kind: 'refused'; readonly why: string };

export const refused = (why: string): Reading => ({ kind: 'refused', why });

/** A shorter result proves too little: an empty one would match every password. */
export const minResultBytes = 16;
const maxResultBytes = 128;
const maxSaltBytes = 128;

export interface StoredResult {
  readonly salt: Buffer;
  readonly result: Buffer;
}

/** Salt and result of a modular-crypt string; null when they are not usable. */
export function storedResult(salt: string, result: string): StoredResult | null {
  const stored = { salt: base64(salt), result: base64(result) };
  if (!stored.salt || !stored.result) return null;
  const fits = stored.salt.length <= maxSaltBytes && stored.result.length <= maxResultBytes;
  return fits && stored.result.length >= minResultBytes ? (stored as StoredResult) : null;
}

/** Standard base64 without padding (PHC), or passlib's, which writes `.` for `+`. */
function base64(text: string): Buffer | null {
  const standard = text.replaceAll('.', '+').replace(/=+$/, '');
  return /^[A-Za-z0-9+/]+$/.test(standard) ? Buffer.from(standard, 'base64') : null;
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
