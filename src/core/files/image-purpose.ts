import type { ImageBounds } from './image-encoder.ts';

export type ImagePurpose = 'user_profile' | 'user_banner' | 'team_profile' | 'member_profile';

export interface ImageRules extends ImageBounds {
  readonly namespace: string;
  /** Of what arrives. */
  readonly maxBytes: number;
}

/** A photograph of a phone. Decoded it takes 100 MB, which is why few are decoded at a time. */
const maxPixels = 25_000_000;
const maxEdge = 2000;
const mebibytes = (count: number): number => count * 1024 * 1024;

/** Bytes by what AxumKit's routes take (axumkit spec §2.5), which is more than Hexclave's million. */
export const imagePurposes: { readonly [purpose in ImagePurpose]: ImageRules } = {
  user_profile: { namespace: 'user-images', maxBytes: mebibytes(4), maxPixels, maxEdge },
  user_banner: { namespace: 'user-images', maxBytes: mebibytes(8), maxPixels, maxEdge },
  team_profile: { namespace: 'team-profile-images', maxBytes: mebibytes(4), maxPixels, maxEdge },
  member_profile: { namespace: 'team-member-profile-images', maxBytes: mebibytes(4), maxPixels, maxEdge },
};

/** The kind by its first bytes: what a sender says of it counts for nothing (rule 34). */
export function imageKind(bytes: Uint8Array): 'jpeg' | 'png' | 'gif' | 'webp' | null {
  const ascii = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (ascii(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (ascii(0, 6) === 'GIF87a' || ascii(0, 6) === 'GIF89a') return 'gif';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'webp';
  return null;
}
