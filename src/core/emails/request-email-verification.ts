import { emailForm } from '../../base/email-form.ts';
import { Refusal } from '../../base/refusal.ts';
import { asBearer, asSystem } from '../acting.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { queueWork } from '../jobs/queue-work.ts';
import type { Work } from '../jobs/work.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import { tooManyMails } from '../mail/queue-mail.ts';
import { mailVerificationLink } from './mail-verification-link.ts';
import { mayClaim } from './may-claim.ts';

/**
 * Asks for a verification mail. A stranger learns nothing: the address is looked up after the answer. Somebody signed
 * in may only ask for their own address.
 * @throws Refusal email_invalid, email_not_found, email_already_verified
 */
export async function requestEmailVerification(
  ctx: Context,
  actor: Actor,
  input: { readonly address: string; readonly link: LinkTemplate; readonly browserToken?: string | null },
): Promise<void> {
  const form = emailForm(input.address);
  if (!form) throw new Refusal('email_invalid');
  if (actor.kind === 'user') {
    const own = actor.live.user.email;
    if (own?.normal !== form.normal) throw new Refusal('email_not_found');
    if (own.verifiedAt !== null) throw new Refusal('email_already_verified');
  }
  await asBearer(ctx, { credential: 'none' }, (tx) =>
    queueWork(ctx, tx, {
      kind: 'mail_email_verification',
      address: form.normal,
      byOwner: actor.kind === 'user',
      link: input.link,
      browserHash: input.browserToken ? Buffer.from(ctx.vault.digest(input.browserToken)).toString('base64') : null,
      surface: ctx.surface.name,
      from: actor.from,
    }),
  );
}

/** The part after the answer. At most a few mails an hour to one address, whoever asks. */
export async function mailEmailVerification(
  ctx: Context,
  work: Extract<Work, { kind: 'mail_email_verification' }>,
): Promise<void> {
  if (await tooManyMails(ctx, 'verify', work.address, work.from)) return;
  await asSystem(ctx, async (tx) => {
    const person = await tx.users.findByAuthEmail(work.address);
    if (!person?.email) return;
    // A stranger gets no proof of an address that is not to be claimed: with the proof it would be.
    if (!work.byOwner && !(await mayClaim(tx, person.email))) return;
    const browserHash = work.browserHash ? Buffer.from(work.browserHash, 'base64') : null;
    await mailVerificationLink(ctx, tx, person, work.link, work.from, browserHash);
  });
}
