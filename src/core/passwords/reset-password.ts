import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { findCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { claimAddress } from '../emails/claim-address.ts';
import { mayClaim } from '../emails/may-claim.ts';
import { endFor } from '../endings/end-for.ts';
import { noteNetwork } from '../networks/known-network.ts';
import { forgetPasswordTries } from '../sign-in/password-tries.ts';
import type { Tx } from '../store.ts';
import type { Email, Person } from '../users/user.ts';
import { hashNewPassword } from './hash-new-password.ts';
import { checkNewPassword } from './password-bounds.ts';

/**
 * Sets a new password by a link and ends everything that was signed in. A mailed link proves the mailbox: an address
 * nobody had proven before is verified, and what was set up without that proof is dropped (core map E4). A link that an
 * operator handed over proves none.
 * The second factor stays: the next sign-in asks for it (rule 12).
 * @throws Refusal password_too_short, password_too_long (the link is not spent), code_*
 */
export async function resetPassword(
  ctx: Context,
  actor: Actor,
  input: { readonly token: string; readonly password: string },
): Promise<void> {
  checkNewPassword(ctx, input.password);
  settle(await findCode(ctx, ctx.store.read, 'password_reset', input.token));
  const hash = await hashNewPassword(ctx, input.password);
  const outcome = await asBearer(ctx, { credential: 'code' }, async (tx) => {
    const code = await findCode(ctx, tx, 'password_reset', input.token);
    if (code instanceof Refusal) return code;
    if (!(await tx.codes.spend(code.id, ctx.clock.now()))) return refuse('code_used');
    const person = code.userId ? await tx.users.find(code.userId) : null;
    const email = code.emailId ? await tx.emails.find(code.emailId) : null;
    if (!person || (code.addressNormal !== null && !email))
      return refuse('code_not_found', { why: 'the person is gone' });
    if (email && email.normal !== code.addressNormal) return refuse('code_address_changed');
    if (email && !(await mayClaim(tx, email)))
      return refuse('code_address_changed', { why: 'another address is proven' });
    await setPasswordAnew(ctx, tx, actor, person, email, hash);
    return person.id;
  });
  await forgetPasswordTries(ctx, actor, settle(outcome));
}

/** A step of every reset. @param email the address whose mailbox was proven by it; null when none was */
export async function setPasswordAnew(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  email: Email | null,
  hash: string,
): Promise<void> {
  const now = ctx.clock.now();
  if (email?.verifiedAt === null) await claimAddress(ctx, tx, actor, person, email);
  const before = await tx.passwords.find(person.id);
  await endFor(ctx, tx, actor, 'password_reset', person.id);
  await tx.passwords.set({ userId: person.id, hash, setAt: before?.setAt ?? now, changedAt: now, strongFrom: null });
  await noteNetwork(ctx, tx, person.id, actor.from.ip);
  await recordEvent(ctx, tx, actor, { type: 'password.reset', subject: person.id });
}
