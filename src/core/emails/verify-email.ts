import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { findCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import type { Tx } from '../store.ts';
import type { Email, Person } from '../users/user.ts';
import { mayClaim } from './may-claim.ts';

export interface EmailVerified {
  readonly person: Person;
  /** Only when policy signs people in by this link, and only for its first use. */
  readonly admission: Admission | null;
}

/**
 * Spends the mailed link and marks the address verified. A link followed again answers success while the address is
 * still verified: mail scanners follow links before people do (core map §2). Where a page of the application shows the
 * code, none of them gets so far, and it works `once`.
 * @throws Refusal code_*, code_address_changed, email_not_found
 */
export async function verifyEmail(
  ctx: Context,
  actor: Actor,
  token: string,
  { once = false }: { readonly once?: boolean } = {},
): Promise<EmailVerified> {
  const repeated = (tx: Tx) => (once ? refuse('code_used') : followedAgain(ctx, tx, token));
  return settle(
    await asBearer(ctx, { credential: 'code' }, async (tx) => {
      const code = await findCode(ctx, tx, 'email_verification', token);
      if (code instanceof Refusal) return code.code === 'code_used' ? repeated(tx) : code;
      const now = ctx.clock.now();
      if (!(await tx.codes.spend(code.id, now))) return repeated(tx);
      const before = code.userId ? await tx.users.find(code.userId) : null;
      if (!before || !code.emailId || !code.addressNormal) return refuse('email_not_found');
      const email = await tx.emails.find(code.emailId);
      if (!email || email.normal !== code.addressNormal) return refuse('code_address_changed');
      const opens = await mayEnter(tx, email);
      if (email.verifiedAt === null) {
        await tx.emails.markVerified(email.id, email.normal, 'link', now);
        await recordEvent(ctx, tx, actor, { type: 'email.verified', subject: before.id, data: { by: 'link' } });
      }
      const person = (await tx.users.find(before.id))!;
      return { person, admission: opens ? await enterVerified(ctx, tx, actor, person) : null };
    }),
  );
}

/** Success while the address is still verified; nobody is signed in by it. */
async function followedAgain(ctx: Context, tx: Tx, token: string): Promise<EmailVerified | Refusal> {
  const code = await tx.codes.find('email_verification', ctx.vault.digest(token));
  const email = code?.emailId ? await tx.emails.find(code.emailId) : null;
  const stands = code && email && email.verifiedAt !== null && email.normal === code.addressNormal;
  const person = stands && code.userId ? await tx.users.find(code.userId) : null;
  return person ? { person, admission: null } : refuse('code_used');
}

/** Asked before the address is proven: one that does not sign in, or may not be claimed, opens nothing. */
export const mayEnter = async (tx: Tx, email: Email): Promise<boolean> => email.usedForAuth && mayClaim(tx, email);

/** What a verified address opens by policy, to whoever is not in yet. */
export async function enterVerified(ctx: Context, tx: Tx, actor: Actor, person: Person): Promise<Admission | null> {
  if (!ctx.project.policy.emails.signInAfterVerification) return null;
  if (actor.kind === 'user' && actor.live.user.id === person.id) return null;
  const admission = await admitUser(ctx, tx, actor, person, { method: 'mail_link', persistent: true });
  return admission instanceof Refusal ? null : admission;
}
