import { argon2 } from './argon2.ts';
import { bcrypt } from './bcrypt.ts';
import { pbkdf2 } from './pbkdf2.ts';
import type { Reading, Scheme } from './scheme.ts';
import { betterAuthScrypt, scrypt } from './scrypt.ts';

/** A new kind of foreign hash is one row here and one file beside it. */
const schemes: readonly Scheme[] = [argon2, betterAuthScrypt, bcrypt, scrypt, pbkdf2];

export function readHash(hash: string): Reading & { readonly scheme: string } {
  for (const scheme of schemes) {
    const reading = scheme.read(hash);
    if (reading) return { ...reading, scheme: scheme.name };
  }
  return { kind: 'refused', why: 'unknown form', scheme: 'none' };
}
