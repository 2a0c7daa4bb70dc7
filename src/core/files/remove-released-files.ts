import type { Context } from '../context.ts';
import { storagePath } from './stored-file.ts';

const batch = 100;

/** Deletes files that nobody shows any more, bytes and rows. Returns how many. */
export async function removeReleasedFiles(
  ctx: Pick<Context, 'store' | 'clock' | 'files' | 'project'>,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const now = ctx.clock.now();
    const count = await ctx.store.transaction((tx) =>
      tx.files.sweepReleased(now, batch, (file) => ctx.files.remove(storagePath(ctx.project.id, file))),
    );
    removed += count;
    if (count < batch) return removed;
  }
}
