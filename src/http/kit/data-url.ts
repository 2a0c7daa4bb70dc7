import { Refusal } from '../../base/refusal.ts';

const pattern = /^data:image\/(?:png|jpe?g|gif|bmp|webp);base64,([A-Za-z0-9+/]+={0,2})$/;
const maxBytes = 1_000_000;

/** The bytes of a picture that was sent as a `data:` URL; null: it is none. @throws Refusal image_invalid: too large */
export function dataUrlBytes(text: string): Uint8Array | null {
  const base64 = pattern.exec(text)?.[1];
  if (base64 === undefined) return null;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.byteLength > maxBytes) throw new Refusal('image_invalid');
  return bytes;
}
