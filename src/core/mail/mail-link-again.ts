import { emailForm } from '../../base/email-form.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { codePayload } from '../codes/codes.ts';
import { linkPurposes, mailedLinks } from '../codes/mailed-links.ts';
import type { Context } from '../context.ts';
import { mailEmailVerification } from '../emails/request-email-verification.ts';
import { queueWork } from '../jobs/queue-work.ts';
import type { LinksAgain, Work } from '../jobs/work.ts';
import { mailPasswordReset } from '../passwords/request-password-reset.ts';
import { type LinkPayload, mailSignInLink } from '../sign-in/request-mail-link.ts';

/**
 * Asks for a new link in place of a dead one, to the address that the dead one was mailed to. Whoever asks learns
 * nothing, whatever the token is: it is looked up after the answer.
 * @param browserToken what the browser that asks keeps; null: it keeps nothing
 */
export async function requestLinkAgain(
  ctx: Context,
  actor: Actor,
  input: { readonly token: string; readonly links: LinksAgain; readonly browserToken: string | null },
): Promise<void> {
  const { browserToken } = input;
  await asBearer(ctx, { credential: 'none' }, (tx) =>
    queueWork(ctx, tx, {
      kind: 'mail_link_again',
      valueHash: Buffer.from(ctx.vault.digest(input.token)).toString('base64'),
      links: input.links,
      browserHash: browserToken === null ? null : Buffer.from(ctx.vault.digest(browserToken)).toString('base64'),
      surface: ctx.surface.name,
      from: actor.from,
    }),
  );
}

/** The part after the answer. The limits and conditions are those of asking for such a mail by address. */
export async function mailLinkAgain(ctx: Context, work: Extract<Work, { kind: 'mail_link_again' }>): Promise<void> {
  const { surface, from, browserHash } = work;
  const valueHash = Buffer.from(work.valueHash, 'base64');
  for (const purpose of linkPurposes) {
    const link = work.links[purpose];
    if (!mailedLinks[purpose].again || link === undefined) continue;
    const code = await ctx.store.read.codes.find(purpose, valueHash);
    if (!code || code.addressNormal === null) continue;
    const address = code.addressNormal;
    if (purpose === 'password_reset') {
      await mailPasswordReset(ctx, { kind: 'mail_password_reset', address, link, surface, from });
    } else if (purpose === 'email_verification') {
      const byOwner = false;
      await mailEmailVerification(ctx, {
        ...{ kind: 'mail_email_verification', address, byOwner, link, browserHash, surface, from },
      });
    } else if (purpose === 'sign_in_link') {
      const { address: typed, displayName } = codePayload<LinkPayload>(ctx, code);
      const form = emailForm(typed)!;
      await mailSignInLink(ctx, {
        ...{ kind: 'mail_sign_in_link', address: form, link, displayName, browserHash, surface, from },
      });
    }
  }
}
