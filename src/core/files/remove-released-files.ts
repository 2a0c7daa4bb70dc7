import { asSystem } from '../acting.ts';
import type { Context } from '../context.ts';
import type { HasTransactions } from '../raw-transaction.ts';
import { storagePath } from './stored-file.ts';

const batch = 100;

interface ReadsFiles {
  readonly project: Pick<Context['project'], 'id'>;
  readonly store: { readonly read: Pick<Context['store']['read'], 'files'> };
}

/** Deletes files that nobody shows any more, bytes and rows. Returns how many. */
export async function removeReleasedFiles(
  ctx: HasTransactions & Pick<Context, 'clock' | 'files'> & ReadsFiles,
): Promise<number> {
  let removed = 0;
  if (!(await ctx.store.read.files.anyReleased(ctx.clock.now()))) return removed;
  for (;;) {
    const now = ctx.clock.now();
    const count = await asSystem(ctx, (tx) =>
      tx.files.sweepReleased(now, batch, (file) => ctx.files.remove(storagePath(ctx.project.id, file))),
    );
    removed += count;
    if (count < batch) return removed;
  }
}
