import { newEmailForm } from '../../base/email-form.ts';
import { Refusal } from '../../base/refusal.ts';
import { asBearer, asSystem } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { queueWork } from '../jobs/queue-work.ts';
import type { Work } from '../jobs/work.ts';
import { fillLink, type LinkTemplate } from '../mail/mail.ts';
import { queueMail, tooManyMails } from '../mail/queue-mail.ts';
import { readDisplayName } from '../users/profile-rules.ts';

export interface MailLinkRequest {
  readonly address: string;
  readonly link: LinkTemplate;
  /** Of whoever is new. */
  readonly displayName: string | null;
  /** What the browser that asks will show when it follows the link. */
  readonly browserToken: string | null;
}

/**
 * Asks for a link that signs in. Known and unknown addresses take the same way: the address is looked up after the
 * answer (rule 17).
 * @throws Refusal method_disabled, email_invalid, display_name_invalid
 */
export async function requestMailLink(ctx: Context, actor: Actor, input: MailLinkRequest): Promise<void> {
  if (!ctx.project.policy.methods.mailLink) throw new Refusal('method_disabled');
  const address = newEmailForm(input.address);
  if (!address) throw new Refusal('email_invalid');
  const displayName = readDisplayName(ctx, input.displayName);
  const browser = input.browserToken === null ? null : ctx.vault.digest(input.browserToken);
  await asBearer(ctx, { credential: 'none' }, (tx) =>
    queueWork(ctx, tx, {
      kind: 'mail_sign_in_link',
      address,
      link: input.link,
      displayName,
      browserHash: browser && Buffer.from(browser).toString('base64'),
      surface: ctx.surface.name,
      from: actor.from,
    }),
  );
}

/** What a sign-in link holds sealed. A type, so that it is JSON. */
export type LinkPayload = { address: string; displayName: string | null };

/** The part after the answer. A stranger's address gets a link where people may sign up, and nothing elsewhere. */
export async function mailSignInLink(ctx: Context, work: Extract<Work, { kind: 'mail_sign_in_link' }>): Promise<void> {
  const { address } = work;
  if (await tooManyMails(ctx, 'sign-in link', address.normal, work.from)) return;
  await asSystem(ctx, async (tx) => {
    const email = await tx.emails.findForAuth(address.normal);
    if (!email && !ctx.project.policy.signUp.enabled) return;
    const lifeSeconds = Math.min(ctx.surface.codes.signInLinkSeconds, ctx.project.policy.codes.maxLifeSeconds);
    const token = await issueCode(ctx, tx, {
      purpose: 'sign_in_link',
      lifeSeconds,
      userId: email?.userId ?? null,
      emailId: email?.id ?? null,
      addressNormal: address.normal,
      browserHash: work.browserHash === null ? null : Buffer.from(work.browserHash, 'base64'),
      payload: { address: address.value, displayName: work.displayName } satisfies LinkPayload,
    });
    await queueMail(
      ctx,
      tx,
      email?.value ?? address.value,
      { kind: 'sign_in_link', link: fillLink(work.link, token), lifeSeconds },
      work.from,
    );
  });
}
