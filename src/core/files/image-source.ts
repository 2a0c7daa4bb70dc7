import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import { readImageUrl } from '../users/profile-rules.ts';
import type { ImagePurpose } from './image-purpose.ts';
import { confirmImage, keepImage, type PreparedImage, prepareImage } from './store-image.ts';

/** A picture as somebody gives it: its bytes, or where it is. Null takes it away. */
export type ImageSource = { readonly bytes: Uint8Array } | { readonly url: string } | null;

/** What a row that shows a picture holds: a file or an address, never both (core map U6). */
export interface ImageFields {
  readonly imageFileId: Id | null;
  readonly imageUrl: string | null;
}

export interface PreparedSource {
  /** Inside the transaction: the columns to write. */
  keep(tx: Tx): Promise<ImageFields>;
  /** After the commit. */
  confirm(): Promise<void>;
}

/** Before the transaction. @throws Refusal image_invalid, file_too_large, file_type_refused, image_unreadable, busy */
export async function prepareSource(ctx: Context, purpose: ImagePurpose, source: ImageSource): Promise<PreparedSource> {
  if (source === null || 'url' in source) {
    const imageUrl = readImageUrl(source?.url ?? null);
    return { keep: async () => ({ imageFileId: null, imageUrl }), confirm: async () => undefined };
  }
  const image: PreparedImage = await prepareImage(ctx, purpose, source.bytes);
  return {
    keep: async (tx) => ({ imageFileId: await keepImage(tx, image), imageUrl: null }),
    confirm: () => confirmImage(ctx, image),
  };
}
