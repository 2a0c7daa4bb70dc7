import { emailForm } from '../../base/email-form.ts';
import { Refusal } from '../../base/refusal.ts';
import { asBearer, asSystem } from '../acting.ts';
import { type Actor, systemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { mayClaim } from '../emails/may-claim.ts';
import { queueWork } from '../jobs/queue-work.ts';
import type { Work } from '../jobs/work.ts';
import { fillLink, type LinkTemplate } from '../mail/mail.ts';
import { queueMail, tooManyMails } from '../mail/queue-mail.ts';

/**
 * Asks for a reset mail. Known and unknown addresses take the same way: the address is looked up after the answer.
 * @throws Refusal method_disabled, email_invalid
 */
export async function requestPasswordReset(
  ctx: Context,
  actor: Actor,
  input: { readonly address: string; readonly link: LinkTemplate },
): Promise<void> {
  if (!ctx.project.policy.methods.password) throw new Refusal('method_disabled');
  const form = emailForm(input.address);
  if (!form) throw new Refusal('email_invalid');
  await asBearer(ctx, { credential: 'none' }, (tx) =>
    queueWork(ctx, tx, {
      kind: 'mail_password_reset',
      address: form.normal,
      link: input.link,
      surface: ctx.surface.name,
      from: actor.from,
    }),
  );
}

/** The part after the answer. People without a password may make one this way (core map P13). */
export async function mailPasswordReset(
  ctx: Context,
  work: Extract<Work, { kind: 'mail_password_reset' }>,
): Promise<void> {
  if (await tooManyMails(ctx, 'reset', work.address, work.from)) return;
  await asSystem(ctx, async (tx) => {
    const person = await tx.users.findByAuthEmail(work.address);
    const email = person && (await tx.emails.findForAuth(work.address));
    if (!person || !email || !(await mayClaim(tx, email))) return;
    const lifeSeconds = Math.min(ctx.surface.codes.passwordResetSeconds, ctx.project.policy.codes.maxLifeSeconds);
    const token = await issueCode(ctx, tx, {
      purpose: 'password_reset',
      lifeSeconds,
      userId: person.id,
      emailId: email.id,
      addressNormal: email.normal,
    });
    await recordEvent(
      ctx,
      tx,
      { ...systemActor, from: work.from },
      { type: 'password.reset_requested', subject: person.id },
    );
    await queueMail(
      ctx,
      tx,
      email.value,
      { kind: 'reset_password', link: fillLink(work.link, token), lifeSeconds },
      work.from,
    );
  });
}
