import { crc32 } from 'node:zlib';
import { base32 } from '../../base/base32.ts';
import type { Id } from '../../base/ids.ts';
import { opaqueToken, type Random } from '../../base/random.ts';
import type { KeyOwner } from './api-key.ts';

/** Shorter text cannot be a key of any surface (core map K2). */
export const minKeyLength = 64;
const maxKeyLength = 256;

export const mayBeKey = (text: string): boolean => text.length >= minKeyLength && text.length <= maxKeyLength;

/** `<prefix>`, 225 random bits in 45 characters, then the id in 26: the secret part alone is never a token. */
export function newKeyText(random: Random, prefix: string | null, id: Id): string {
  const idBytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  return `${prefix ?? ''}${opaqueToken(random)}${base32(idBytes).toLowerCase()}`;
}

/** Where keys come from, for those who search code: 1 self-hosted, 2 public (hexclave spec §3.13). */
const scanners = { secret: '1', public: '3' } as const;
/** By which they know what they found. */
const marker = '574ck4u7h';

/** `<sk|pk>_`, 225 random bits, the id, whose it is, the scanner's marks and a checksum of all before (hexclave spec §3.13). */
export function newScannableKeyText(
  random: Random,
  { id, isPublic, ownedBy }: { readonly id: Id; readonly isPublic: boolean; readonly ownedBy: KeyOwner },
): string {
  const type = ownedBy === 'person' ? 'user' : 'team';
  const scanner = isPublic ? scanners.public : scanners.secret;
  const text = `${isPublic ? 'pk' : 'sk'}_${opaqueToken(random)}${id.replaceAll('-', '')}${type}${scanner}${marker}`;
  return text + crc32(text).toString(16).padStart(8, '0');
}
