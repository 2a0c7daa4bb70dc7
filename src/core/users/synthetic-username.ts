import { createHash } from 'node:crypto';
import { base32 } from '../../base/base32.ts';
import type { Id } from '../../base/ids.ts';

/**
 * What people without a username are called where everybody has one (core map U2): `u`, a digit, and 13 characters of
 * base32, derived from the id. Nothing is stored; 68 bits, so that two people do not meet.
 */
export function syntheticUsername(id: Id): string {
  const digest = createHash('sha256').update(id).digest();
  return `u${2 + (digest[31]! % 6)}${base32(digest).slice(0, 13).toLowerCase()}`;
}

const form = /^u[2-7][a-z2-7]{13}$/;
/** Nobody may choose a name that could be somebody else's. */
export const looksSynthetic = (usernameNormal: string): boolean => form.test(usernameNormal);
