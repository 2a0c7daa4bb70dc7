import { Buffer } from 'node:buffer';
import { hours, later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { asSystem } from '../acting.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import { sha256 } from './digest.ts';
import { type ImagePurpose, imageKind, imagePurposes } from './image-purpose.ts';
import { type StoredFile, storagePath } from './stored-file.ts';

/** An image whose bytes are stored, and which nobody shows yet. */
export interface PreparedImage {
  readonly file: StoredFile;
  readonly bytes: Uint8Array;
}

/** How long a request may take from storing an image to showing it. */
const unshownMs = hours(1);

/**
 * The slow half, before the transaction: makes our own image of what was sent and stores it. Afterwards `keepImage`
 * inside the transaction, then `confirmImage`. What is never kept goes with a later sweep.
 * @throws Refusal file_too_large, file_type_refused, image_unreadable, busy
 */
export async function prepareImage(ctx: Context, purpose: ImagePurpose, sent: Uint8Array): Promise<PreparedImage> {
  const image = await makeImage(ctx, purpose, sent);
  // The row first: no bytes are ever on the disk that no row knows of.
  await asSystem(ctx, (tx) => tx.files.announce(image.file, later(ctx.clock.now(), unshownMs)));
  await ctx.files.put(storagePath(ctx.project.id, image.file), image.bytes);
  return image;
}

/** The id to point to. The same image that others show is the same row. */
export const keepImage = (tx: Tx, { file }: PreparedImage): Promise<Id> => tx.files.keep(file);

/**
 * After the commit: a sweep may have removed the same content between `prepareImage` and `keepImage`, when nobody
 * showed it. From the commit on it cannot.
 */
export const confirmImage = (ctx: Context, { file, bytes }: PreparedImage): Promise<void> =>
  ctx.files.put(storagePath(ctx.project.id, file), bytes);

async function makeImage(ctx: Context, purpose: ImagePurpose, sent: Uint8Array): Promise<PreparedImage> {
  const rules = imagePurposes[purpose];
  if (sent.byteLength > rules.maxBytes) throw new Refusal('file_too_large', { maxLength: rules.maxBytes });
  if (imageKind(sent) === null) throw new Refusal('file_type_refused');
  const bytes = await ctx.images.encode(sent, rules);
  if (bytes === null) throw new Refusal('image_unreadable');
  const digest = sha256(bytes);
  const file: StoredFile = {
    id: ctx.ids.next(),
    namespace: rules.namespace,
    key: `${Buffer.from(digest).toString('hex')}.webp`,
    contentType: 'image/webp',
    size: bytes.byteLength,
    sha256: digest,
    driver: ctx.files.driver,
    createdAt: ctx.clock.now(),
  };
  return { file, bytes };
}
