import { newEmailForm } from '../../base/email-form.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { codePayload, findCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { retryingConflict } from '../identities/enter-by-provider.ts';
import type { TrustedUrl } from '../return-urls.ts';
import { admitNewcomer, enterByMailbox, type MailboxEntry } from './enter-by-mailbox.ts';
import type { LinkPayload } from './request-mail-link.ts';

/** @throws Refusal method_disabled */
export function checkMailLinks(ctx: Context): void {
  if (!ctx.project.policy.methods.mailLink) throw new Refusal('method_disabled');
}

/**
 * Signs in by a mailed link. Whether following it is enough is for `visitLink` to say, before.
 * @throws Refusal method_disabled, code_*, sign_up_disabled, too_many_requests, and what the gate refuses
 */
export async function signInWithLink(
  ctx: Context,
  actor: Actor,
  input: { readonly token: string; readonly trustToken: string | null; readonly returnTo: TrustedUrl | null },
): Promise<MailboxEntry> {
  checkMailLinks(ctx);
  const seen = settle(await findCode(ctx, ctx.store.read, 'sign_in_link', input.token));
  const payload = codePayload<LinkPayload>(ctx, seen);
  const address = newEmailForm(payload.address);
  if (!address) throw new Refusal('code_not_found', { why: 'mail does not reach its address' });
  const verdict = await admitNewcomer(ctx, actor, address);
  const entry = await retryingConflict(() =>
    asBearer(ctx, { credential: 'code' }, async (tx) => {
      const code = await findCode(ctx, tx, 'sign_in_link', input.token);
      if (code instanceof Refusal) return code;
      return enterByMailbox(ctx, tx, actor, code, {
        address,
        by: 'link',
        newcomer: { displayName: payload.displayName, imageUrl: null, metadataClient: null },
        verdict,
        trustToken: input.trustToken,
        returnTo: input.returnTo,
      });
    }),
  );
  return settle(entry);
}
