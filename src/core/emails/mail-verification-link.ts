import type { RequestOrigin } from '../actor.ts';
import { issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { fillLink, type LinkTemplate } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Tx } from '../store.ts';
import type { Email, Person } from '../users/user.ts';

/** Mails the person's primary address a link that verifies it. Nothing happens when it is verified or missing. */
export async function mailVerificationLink(
  ctx: Context,
  tx: Tx,
  person: Person,
  link: LinkTemplate,
  from: RequestOrigin,
  browserHash: Uint8Array | null = null,
): Promise<void> {
  const { email } = person;
  if (email && email.verifiedAt === null) await mailLinkTo(ctx, tx, email, link, from, browserHash);
}

/**
 * Mails any address of somebody a link that verifies it.
 * @param browserHash digest of what the browser that asks keeps: there the link acts without a question
 */
export async function mailLinkTo(
  ctx: Context,
  tx: Tx,
  email: Email,
  link: LinkTemplate,
  from: RequestOrigin,
  browserHash: Uint8Array | null = null,
): Promise<void> {
  const lifeSeconds = ctx.surface.codes.emailVerificationSeconds;
  const token = await issueCode(ctx, tx, {
    purpose: 'email_verification',
    lifeSeconds,
    userId: email.userId,
    emailId: email.id,
    addressNormal: email.normal,
    browserHash,
  });
  await queueMail(ctx, tx, email.value, { kind: 'verify_email', link: fillLink(link, token), lifeSeconds }, from);
}
