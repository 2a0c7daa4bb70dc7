import { base32 } from '../../base/base32.ts';
import type { Id } from '../../base/ids.ts';
import { opaqueToken, type Random } from '../../base/random.ts';

/** Shorter text cannot be a key of any surface (core map K2). */
export const minKeyLength = 64;
const maxKeyLength = 256;

export const mayBeKey = (text: string): boolean => text.length >= minKeyLength && text.length <= maxKeyLength;

/** `<prefix>`, 225 random bits in 45 characters, then the id in 26: the secret part alone is never a token. */
export function newKeyText(random: Random, prefix: string | null, id: Id): string {
  const idBytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  return `${prefix ?? ''}${opaqueToken(random)}${base32(idBytes).toLowerCase()}`;
}
