import { getRandomValues } from 'node:crypto';

/** The one source of chance. Tests give a seeded one. */
export interface Random {
  bytes(length: number): Uint8Array;
}

/** Draws from the system a page at a time: one call into the kernel serves many ids. */
export function systemRandom(): Random {
  const pool = new Uint8Array(4096);
  let next = pool.length;
  return {
    bytes(length) {
      if (length > pool.length) return getRandomValues(new Uint8Array(length));
      if (next + length > pool.length) {
        getRandomValues(pool);
        next = 0;
      }
      const drawn = pool.slice(next, next + length);
      pool.fill(0, next, next + length); // what was handed out does not stay behind in memory
      next += length;
      return drawn;
    },
  };
}

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * An opaque token: 45 lower-case Crockford base32 characters, 225 random bits.
 * Every dialect's session token, link token and long code has this one form.
 */
export function opaqueToken(random: Random): string {
  let text = '';
  for (const byte of random.bytes(45)) text += crockford[byte & 31];
  return text;
}

const tokenForm = /^[0-9a-hjkmnp-tv-z]{45}$/;
/** Cheap test before anything is hashed or looked up. */
export const looksLikeToken = (text: string): boolean => tokenForm.test(text);

/** Decimal digits without modulo bias: a byte of 250 or more is drawn again. */
export function digits(random: Random, length: number): string {
  return pick(random, '0123456789', length);
}

/** `length` characters of `alphabet` (at most 256), each equally likely. */
export function pick(random: Random, alphabet: string, length: number): string {
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
