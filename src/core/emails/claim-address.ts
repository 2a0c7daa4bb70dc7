import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Reads, Tx } from '../store.ts';
import type { Email, EmailProof, Person } from '../users/user.ts';

/**
 * May the holder of this mailbox get in by it? An address that nobody has proven opens nothing while its person signs in
 * with one that is: it may be a stranger's, typed by mistake or planted, and neither may come into the other's account.
 */
export async function mayClaim(reads: Pick<Reads, 'emails'>, email: Email): Promise<boolean> {
  if (email.verifiedAt !== null) return true;
  const others = await reads.emails.listOf(email.userId);
  return !others.some((one) => one.id !== email.id && one.usedForAuth && one.verifiedAt !== null);
}

/**
 * The first proof of a mailbox that did not come from the sign-up's own verification link: whoever holds the mailbox is
 * the owner, so every way in that was set up before is dropped and the address is verified (core map E4).
 */
export async function claimAddress(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  email: Email,
  by: EmailProof = 'link',
): Promise<void> {
  const now = ctx.clock.now();
  await tx.passwords.remove(person.id);
  await tx.passkeys.removeAllOf(person.id);
  await tx.factors.removeAll(person.id);
  await tx.factors.distrustDevices(person.id);
  await tx.knownNetworks.forgetAllOf(person.id);
  await tx.identities.removeAllOf(person.id);
  await tx.apiKeys.revokeAllOf(person.id, 'address_claimed', now);
  await tx.sessions.endAllOf(person.id);
  await tx.pendingSignIns.voidAllOf(person.id, now);
  // Of every purpose: what was mailed or begun before may have been begun by whoever planted the account.
  await tx.codes.voidAllOf(person.id, 'all', now);
  for (const other of await tx.emails.listOf(person.id)) {
    if (other.id !== email.id && other.usedForAuth) await tx.emails.setUse(other.id, { usedForAuth: false }, now);
  }
  await tx.emails.markVerified(email.id, email.normal, by, now);
  await tx.users.update(person.id, { credentialsChangedAt: now }, now);
  await recordEvent(ctx, tx, actor, {
    type: 'email.verified',
    subject: person.id,
    data: { by, claimed: true },
  });
}
