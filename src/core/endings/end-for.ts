import type { Id } from '../../base/ids.ts';
import type { Actor } from '../actor.ts';
import { credentialPurposes } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import type { Notice } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Tx } from '../store.ts';
import { type Ending, type EndingRow, endings } from './endings.ts';

/**
 * Ends what the table says, and tells whom it says. Called before the change itself, so that nobody slips in
 * beside it, and the addresses that were
 * proven until now are the ones that are told. The only caller of the store's methods that end things.
 * @param spare the session that stays where the row ends `others`; null: none does
 * @returns ids of the person's sessions that ended
 */
export async function endFor(
  ctx: Pick<Context, 'clock' | 'ids' | 'vault' | 'project'>,
  tx: Tx,
  actor: Actor,
  ending: Ending,
  userId: Id,
  { spare = null }: { readonly spare?: Id | null } = {},
): Promise<readonly Id[]> {
  const row: EndingRow = endings[ending];
  const now = ctx.clock.now();
  await tx.users.hold(userId);
  if (row.tell !== null) await tellProvenAddresses(ctx, tx, actor, row.tell, userId);

  const ended = await endSessionsOf(tx, row.sessions, userId, spare);
  if (row.pending === 'all') await tx.pendingSignIns.voidAllOf(userId, now);
  if (row.codes !== 'none') {
    await tx.codes.voidAllOf(userId, row.codes === 'all' ? 'all' : credentialPurposes, now);
  }
  if (row.devices === 'all') await tx.factors.distrustDevices(userId);
  if (row.networks === 'all') await tx.knownNetworks.forgetAllOf(userId);
  if (row.keys === 'all') await tx.apiKeys.revokeAllOf(userId, ending, now);
  if (row.factors === 'all') await tx.factors.removeAll(userId);
  if (row.waysIn === 'all') {
    await tx.passwords.remove(userId);
    await tx.passkeys.removeAllOf(userId);
    await tx.identities.removeAllOf(userId);
  }
  if (row.published === 'withdrawn') await tx.events.withdrawAbout(userId);
  if (row.dated) await tx.users.update(userId, { credentialsChangedAt: now }, now);
  return ended;
}

function endSessionsOf(
  tx: Tx,
  which: EndingRow['sessions'],
  userId: Id,
  spare: Id | null,
): Promise<readonly Id[]> | readonly Id[] {
  if (which === 'none') return [];
  if (which === 'impersonations') return tx.sessions.endImpersonationsBy(userId);
  return tx.sessions.endAllOf(userId, which === 'others' ? (spare ?? undefined) : undefined);
}

/** An address that nobody has proven may be a stranger's, who is told nothing. */
async function tellProvenAddresses(
  ctx: Pick<Context, 'clock' | 'ids' | 'vault' | 'project'>,
  tx: Tx,
  actor: Actor,
  notice: Notice,
  userId: Id,
): Promise<void> {
  for (const { value, verifiedAt } of await tx.emails.listOf(userId)) {
    if (verifiedAt !== null) await queueMail(ctx, tx, value, { kind: 'notice', notice }, actor.from);
  }
}
