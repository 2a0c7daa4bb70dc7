import { emailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { tryMailedCode } from '../codes/mailed-code.ts';
import type { MailedCodePurpose } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import { type EmailVerified, enterVerified, mayEnter } from './verify-email.ts';

interface TypedCode {
  readonly address: string;
  readonly code: string;
}

/**
 * Spends the mailed code and marks the address verified. Like the link of a sign-up it leaves alone what was set up
 * before: the person may have no other way back to it.
 * @throws Refusal email_invalid, code_*, code_address_changed, user_not_found
 */
export async function verifyEmailWithCode(ctx: Context, actor: Actor, input: TypedCode): Promise<EmailVerified> {
  const address = emailForm(input.address);
  if (!address) throw new Refusal('email_invalid');
  const code = settle(await tryMailedCode(ctx, actor, 'email_verification_code', address.normal, input.code));
  return settle(
    await asBearer(ctx, { credential: 'code' }, async (tx) => {
      const now = ctx.clock.now();
      if (!(await tx.codes.spend(code.id, now))) return refuse('code_used');
      const email = await tx.emails.findForAuth(address.normal);
      if (!email) return refuse('user_not_found');
      if (email.userId !== code.userId) return refuse('code_address_changed');
      const opens = await mayEnter(tx, email);
      if (email.verifiedAt === null) {
        await tx.emails.markVerified(email.id, email.normal, 'code', now);
        await recordEvent(ctx, tx, actor, { type: 'email.verified', subject: email.userId, data: { by: 'code' } });
      }
      const person = (await tx.users.find(email.userId))!;
      return { person, admission: opens ? await enterVerified(ctx, tx, actor, person) : null };
    }),
  );
}

/** Is the code right? Nothing is spent. @throws Refusal email_invalid, code_*, user_not_found */
export async function checkMailedCode(
  ctx: Context,
  actor: Actor,
  input: TypedCode & { readonly purpose: MailedCodePurpose },
): Promise<void> {
  const address = emailForm(input.address);
  if (!address) throw new Refusal('email_invalid');
  settle(await tryMailedCode(ctx, actor, input.purpose, address.normal, input.code));
  if (!(await ctx.store.read.emails.findForAuth(address.normal))) throw new Refusal('user_not_found');
}
