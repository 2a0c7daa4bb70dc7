import type { Context } from '../context.ts';
import { type StoredFile, storagePath } from './stored-file.ts';

/** Names as we make them; anything else is nowhere, and no path is made of it (rule 34). */
const namespaceForm = /^[a-z]+(?:-[a-z]+)*$/;
const keyForm = /^[0-9a-f]{64}\.webp$/;

/** A public file of the project with its bytes. Null when there is none. */
export async function readPublicFile(
  ctx: Context,
  namespace: string,
  key: string,
): Promise<{ readonly file: StoredFile; read(): Promise<Uint8Array | null> } | null> {
  if (!namespaceForm.test(namespace) || !keyForm.test(key)) return null;
  const file = await ctx.store.read.files.findByKey(namespace, key);
  return file && { file, read: () => ctx.files.read(storagePath(ctx.project.id, file)) };
}
