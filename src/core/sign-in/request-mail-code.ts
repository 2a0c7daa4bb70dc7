import { newEmailForm } from '../../base/email-form.ts';
import { Refusal } from '../../base/refusal.ts';
import { asBearer, asSystem } from '../acting.ts';
import { type Actor, systemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { issueMailedCode } from '../codes/mailed-code.ts';
import type { MailedCodePurpose } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import { mayClaim } from '../emails/may-claim.ts';
import { queueWork } from '../jobs/queue-work.ts';
import type { Work } from '../jobs/work.ts';
import type { MailMessage } from '../mail/mail.ts';
import { queueMail, tooManyMails } from '../mail/queue-mail.ts';
import type { Policy } from '../policy.ts';
import type { Email } from '../users/user.ts';

type CodeMessage = Extract<MailMessage, { code: string }>['kind'];

interface MailedCodeRule {
  readonly message: CodeMessage;
  readonly allowed: (policy: Policy) => boolean;
  /** Is there a reason to mail this address? */
  readonly due: (email: Email | null, policy: Policy) => boolean;
}

const rules: { readonly [purpose in MailedCodePurpose]: MailedCodeRule } = {
  sign_in_code: {
    message: 'sign_in_code',
    allowed: ({ methods }) => methods.mailCode,
    due: (email, { signUp }) => email !== null || signUp.enabled,
  },
  email_verification_code: {
    message: 'verification_code',
    allowed: () => true,
    due: (email) => email !== null && email.verifiedAt === null,
  },
  password_reset_code: {
    message: 'reset_code',
    allowed: ({ methods }) => methods.password,
    due: (email) => email !== null,
  },
};

/**
 * Asks for a code in a mail. Known and unknown addresses take the same way: the address is looked up after the answer
 * (rule 17).
 * @throws Refusal method_disabled, email_invalid
 */
export async function requestMailCode(
  ctx: Context,
  actor: Actor,
  input: { readonly purpose: MailedCodePurpose; readonly address: string },
): Promise<void> {
  const { purpose } = input;
  if (!rules[purpose].allowed(ctx.project.policy)) throw new Refusal('method_disabled');
  const address = newEmailForm(input.address);
  if (!address) throw new Refusal('email_invalid');
  const { name: surface } = ctx.surface;
  await asBearer(ctx, { credential: 'none' }, (tx) =>
    queueWork(ctx, tx, { kind: 'mail_code', purpose, address, surface, from: actor.from }),
  );
}

/** The part after the answer. */
export async function mailCode(ctx: Context, work: Extract<Work, { kind: 'mail_code' }>): Promise<void> {
  const { address, purpose, from } = work;
  if (await tooManyMails(ctx, purpose, address.normal, from)) return;
  await asSystem(ctx, async (tx) => {
    const email = await tx.emails.findForAuth(address.normal);
    if (!rules[purpose].due(email, ctx.project.policy)) return;
    // A stranger gets no proof of an address that is not to be claimed: with the proof it would be.
    if (purpose === 'email_verification_code' && !(await mayClaim(tx, email!))) return;
    const { code, lifeSeconds } = await issueMailedCode(ctx, tx, {
      purpose,
      address,
      userId: email?.userId ?? null,
      emailId: email?.id ?? null,
    });
    if (purpose === 'password_reset_code') {
      const type = 'password.reset_requested';
      await recordEvent(ctx, tx, { ...systemActor, from }, { type, subject: email!.userId, data: { by: 'code' } });
    }
    await queueMail(ctx, tx, email?.value ?? address.value, { kind: rules[purpose].message, code, lifeSeconds }, from);
  });
}
