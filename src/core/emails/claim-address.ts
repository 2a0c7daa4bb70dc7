import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
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
  await endFor(ctx, tx, actor, 'address_claimed', person.id);
  for (const other of await tx.emails.listOf(person.id)) {
    if (other.id !== email.id && other.usedForAuth) await tx.emails.setUse(other.id, { usedForAuth: false }, now);
  }
  await tx.emails.markVerified(email.id, email.normal, by, now);
  await recordEvent(ctx, tx, actor, {
    type: 'email.verified',
    subject: person.id,
    data: { by, claimed: true },
  });
}
