import type { Instant } from '../../base/clock.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Work } from './work.ts';

/** Queues work in the transaction that makes it necessary: neither is there without the other. */
export async function queueWork(
  ctx: Pick<Context, 'ids' | 'vault' | 'clock'>,
  tx: Pick<Tx, 'jobs'>,
  work: Work,
  options: { readonly dedupeKey?: string; readonly runAt?: Instant } = {},
): Promise<boolean> {
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  return tx.jobs.insert({
    id,
    kind: work.kind,
    payload: ctx.vault.seal({ table: 'job', column: 'payload_enc', row: id }, JSON.stringify(work)),
    dedupeKey: options.dedupeKey ?? null,
    state: 'ready',
    runAt: options.runAt ?? now,
    attempts: 0,
    maxAttempts: 12,
    lastError: null,
    createdAt: now,
  });
}
