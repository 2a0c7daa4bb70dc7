import { Type } from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import type { ImageSource } from '../../core/files/image-source.ts';
import { dataUrlBytes } from '../kit/data-url.ts';
import type { HexclaveCall } from './call.ts';
import { Nullable } from './schemas.ts';

/** An address or the picture itself as a `data:` URL; null takes it away (spec §1.13). */
export const imageInput = () => Type.Optional(Nullable(Type.String({ format: 'url', maxLength: 1_000_000 })));

/** Clients send pictures, servers also addresses. @throws Refusal image_invalid */
export function imageOf(call: HexclaveCall, given: string | null): ImageSource {
  if (given === null) return null;
  const bytes = dataUrlBytes(given);
  if (bytes) return { bytes };
  if (!call.asServer || !/^https?:/i.test(given)) throw new Refusal('image_invalid');
  return { url: given };
}
