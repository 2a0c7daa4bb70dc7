import type { Instant } from '../../base/clock.ts';
import { emailForm } from '../../base/email-form.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Job } from './job.ts';
import type { Work } from './work.ts';

/** By which work about an address is found when its owner is erased. Under the present secret only. */
const addressMac = ({ vault }: Pick<Context, 'vault'>, normal: string): Uint8Array => vault.mac('job address', normal);

function addressIn(work: Work): string {
  // The dead link names its person, and goes with them.
  if (work.kind === 'mail_link_again') return work.valueHash;
  const address = work.kind === 'send_mail' ? work.mail.to : work.address;
  return typeof address === 'string' ? (emailForm(address)?.normal ?? address) : address.normal;
}

/** Drops work about these addresses that has not begun. */
export const discardWork = (
  ctx: Pick<Context, 'vault'>,
  tx: Pick<Tx, 'jobs'>,
  addresses: readonly string[],
): Promise<void> => tx.jobs.discard(addresses.map((normal) => addressMac(ctx, normal)));

/** Queues work in the transaction that makes it necessary: neither is there without the other. */
export async function queueWork(
  ctx: Pick<Context, 'ids' | 'vault' | 'clock'>,
  tx: Pick<Tx, 'jobs'>,
  work: Work,
  options: { readonly dedupeKey?: string; readonly runAt?: Instant } = {},
): Promise<boolean> {
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  const job: Job = {
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
  };
  return tx.jobs.insert(job, addressMac(ctx, addressIn(work)));
}
