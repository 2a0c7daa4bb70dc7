import { emailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { tryMailedCode } from '../codes/mailed-code.ts';
import type { Context } from '../context.ts';
import { mayClaim } from '../emails/may-claim.ts';
import { forgetPasswordTries } from '../sign-in/password-tries.ts';
import { hashNewPassword } from './hash-new-password.ts';
import { checkNewPassword } from './password-bounds.ts';
import { setPasswordAnew } from './reset-password.ts';

/**
 * Sets a new password by a mailed code, with everything that a link does.
 * @throws Refusal email_invalid, password_too_short, password_too_long (the code is not tried), code_*, user_not_found
 */
export async function resetPasswordWithCode(
  ctx: Context,
  actor: Actor,
  input: { readonly address: string; readonly code: string; readonly password: string },
): Promise<void> {
  const address = emailForm(input.address);
  if (!address) throw new Refusal('email_invalid');
  checkNewPassword(ctx, input.password);
  const code = settle(await tryMailedCode(ctx, actor, 'password_reset_code', address.normal, input.code));
  const hash = await hashNewPassword(ctx, input.password);
  const outcome = await asBearer(ctx, { credential: 'code' }, async (tx) => {
    if (!(await tx.codes.spend(code.id, ctx.clock.now()))) return refuse('code_used');
    const email = await tx.emails.findForAuth(address.normal);
    const person = email && (await tx.users.find(email.userId));
    if (!person) return refuse('user_not_found');
    if (person.id !== code.userId) return refuse('code_address_changed');
    if (!(await mayClaim(tx, email))) return refuse('code_address_changed', { why: 'another address is proven' });
    await setPasswordAnew(ctx, tx, actor, person, email, hash);
    return person.id;
  });
  await forgetPasswordTries(ctx, actor, settle(outcome));
}
