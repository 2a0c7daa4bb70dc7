import { emailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { limit, limitRules } from '../limit-rules.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import { mailsKey } from '../mail/queue-mail.ts';
import { budgetFor } from '../networks/requester-site.ts';
import { admitSubject } from '../users/subject.ts';
import { mailLinkTo } from './mail-verification-link.ts';

/**
 * Mails one of somebody's addresses a link that verifies it. Whoever asks knows the address and its state already, so
 * nothing has to look alike.
 * @throws Refusal self_only, user_not_found, email_not_found, email_already_verified, too_many_requests
 */
export async function requestVerificationOf(
  ctx: Context,
  actor: UserActor | ServerActor,
  input: { readonly userId: Id; readonly emailId: Id; readonly link: LinkTemplate },
): Promise<void> {
  const { read } = ctx.store;
  settle(await admitSubject(read, actor, input.userId));
  const known = await read.emails.find(input.emailId);
  if (known?.userId !== input.userId) throw new Refusal('email_not_found');
  if (known.verifiedAt !== null) throw new Refusal('email_already_verified');
  const budget = actor.kind === 'server' ? 'server' : await budgetFor(ctx, known.userId, actor.from);
  await limit(ctx, limitRules.mailsToAddress, mailsKey('verify', known.normal, budget));
  await act(ctx, actor, {}, async (tx) => {
    const email = await tx.emails.find(input.emailId);
    if (email?.userId !== input.userId || email.normal !== known.normal) return refuse('email_not_found');
    if (email.verifiedAt !== null) return refuse('email_already_verified');
    await mailLinkTo(ctx, tx, email, input.link, actor.from);
    return undefined;
  });
}

/**
 * The same for the primary address, which has to be named.
 * @throws Refusal email_not_primary with what was named as `given` and what is as `allowed`, email_already_verified,
 *   too_many_requests
 */
export async function requestPrimaryVerification(
  ctx: Context,
  actor: UserActor,
  input: { readonly address: string; readonly link: LinkTemplate },
): Promise<void> {
  const { id, email } = actor.live.user;
  if (!email || emailForm(input.address)?.normal !== email.normal) {
    throw new Refusal('email_not_primary', { given: input.address, allowed: email ? [email.value] : [] });
  }
  await requestVerificationOf(ctx, actor, { userId: id, emailId: email.id, link: input.link });
}
