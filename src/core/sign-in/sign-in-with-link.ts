import { timingSafeEqual } from 'node:crypto';
import { newEmailForm } from '../../base/email-form.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { codePayload, findCode } from '../codes/codes.ts';
import type { OneTimeValue } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import { retryingConflict } from '../identities/enter-by-provider.ts';
import type { TrustedUrl } from '../return-urls.ts';
import { admitNewcomer, enterByMailbox, type MailboxEntry } from './enter-by-mailbox.ts';
import type { LinkPayload } from './request-mail-link.ts';

export interface LinkSignIn {
  readonly token: string;
  /** What the browser kept when it asked. */
  readonly browserToken: string | null;
  /** Somebody pressed the button of the page. */
  readonly confirmed: boolean;
  readonly trustToken: string | null;
  readonly returnTo: TrustedUrl | null;
}

export type LinkFollowed = { readonly kind: 'must_confirm' } | ({ readonly kind: 'entered' } & MailboxEntry);

/**
 * Signs in by a mailed link. Mail scanners follow links too, so a browser that did not ask has to confirm first; nothing
 * is spent by that (core map W9).
 * @throws Refusal method_disabled, code_*, sign_up_disabled, too_many_requests, and what the gate refuses
 */
export async function signInWithLink(ctx: Context, actor: Actor, input: LinkSignIn): Promise<LinkFollowed> {
  const { policy } = ctx.project;
  if (!policy.methods.mailLink) throw new Refusal('method_disabled');
  const seen = settle(await findCode(ctx, ctx.store.read, 'sign_in_link', input.token));
  if (policy.mailLinks.confirm && !input.confirmed && !askedHere(ctx, seen, input.browserToken)) {
    return { kind: 'must_confirm' };
  }
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
  return { kind: 'entered', ...settle(entry) };
}

const askedHere = (ctx: Context, { browserHash }: OneTimeValue, token: string | null): boolean =>
  browserHash !== null && token !== null && timingSafeEqual(ctx.vault.digest(token), browserHash);

/** Whom the page with the button is for; nothing is spent. @throws Refusal code_* */
export async function readSignInLink(ctx: Context, token: string): Promise<{ readonly address: string }> {
  const code = settle(await findCode(ctx, ctx.store.read, 'sign_in_link', token));
  return { address: codePayload<LinkPayload>(ctx, code).address };
}
