import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Email, EmailProof, Person } from '../users/user.ts';

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
  await tx.identities.removeAllOf(person.id);
  await tx.apiKeys.revokeAllOf(person.id, 'address_claimed', now);
  await tx.sessions.endAllOf(person.id);
  await tx.pendingSignIns.voidAllOf(person.id, now);
  await tx.emails.markVerified(email.id, email.normal, by, now);
  await tx.users.update(person.id, { credentialsChangedAt: now }, now);
  await recordEvent(ctx, tx, actor, {
    type: 'email.verified',
    subject: person.id,
    data: { by, claimed: true },
  });
}
