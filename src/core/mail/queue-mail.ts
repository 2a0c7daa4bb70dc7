import type { RequestOrigin } from '../actor.ts';
import type { Context } from '../context.ts';
import { queueWork } from '../jobs/queue-work.ts';
import { limitRules } from '../limit-rules.ts';
import { budgetFor } from '../networks/requester-site.ts';
import type { Tx } from '../store.ts';
import type { MailMessage } from './mail.ts';

/** Queues a mail in the transaction that makes it necessary. `from` is who asked: every mail says so. */
export async function queueMail(
  ctx: Pick<Context, 'ids' | 'vault' | 'clock' | 'project'>,
  tx: Pick<Tx, 'jobs'>,
  to: string,
  message: MailMessage,
  from: RequestOrigin,
  options?: { readonly dedupeKey: string },
): Promise<void> {
  const mail = { to, message, projectName: ctx.project.displayName, asked: { ...from, at: ctx.clock.now() } };
  await queueWork(ctx, tx, { kind: 'send_mail', mail }, options);
}

/**
 * A few mails of one kind an hour to one address: nobody's mailbox is filled by strangers. They share one budget, and
 * the networks that the address' person signs in from have their own, so that strangers cannot mute the owner's mail.
 */
export async function tooManyMails(
  ctx: Context,
  kind: string,
  addressNormal: string,
  from: RequestOrigin,
): Promise<boolean> {
  const email = await ctx.store.read.emails.findForAuth(addressNormal);
  const budget = await budgetFor(ctx, email?.userId ?? null, from);
  const key = mailsKey(kind, addressNormal, budget);
  const { retryAfterSeconds } = await ctx.limiter.hit(limitRules.mailsToAddress, `${ctx.project.id} ${key}`);
  return retryAfterSeconds !== null;
}

export const mailsKey = (kind: string, addressNormal: string, budget: string): string =>
  `${kind} ${addressNormal} ${budget}`;
