import { newEmailForm } from '../../base/email-form.ts';
import type { JsonObject } from '../../base/json.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { tryMailedCode } from '../codes/mailed-code.ts';
import type { Context } from '../context.ts';
import { retryingConflict } from '../identities/enter-by-provider.ts';
import { readMetadata } from '../metadata.ts';
import { readDisplayName, readImageUrl } from '../users/profile-rules.ts';
import { admitNewcomer, enterByMailbox, type MailboxEntry } from './enter-by-mailbox.ts';

export interface CodeSignIn {
  readonly address: string;
  readonly code: string;
  /** Of whoever is new. */
  readonly displayName: string | null;
  readonly imageUrl: string | null;
  readonly metadataClient: JsonObject | null;
  readonly trustToken: string | null;
}

/**
 * Signs in by a mailed code, and makes the account of an address that has none.
 * @throws Refusal method_disabled, email_invalid, display_name_invalid, image_invalid, metadata_too_large, code_*, sign_up_disabled,
 * too_many_requests, and what the gate refuses
 */
export async function signInWithCode(ctx: Context, actor: Actor, input: CodeSignIn): Promise<MailboxEntry> {
  if (!ctx.project.policy.methods.mailCode) throw new Refusal('method_disabled');
  const address = newEmailForm(input.address);
  if (!address) throw new Refusal('email_invalid');
  const newcomer = {
    displayName: readDisplayName(ctx, input.displayName),
    imageUrl: readImageUrl(input.imageUrl),
    metadataClient: readMetadata('metadataClient', input.metadataClient),
  };
  const code = settle(await tryMailedCode(ctx, actor, 'sign_in_code', address.normal, input.code));
  const verdict = await admitNewcomer(ctx, actor, address);
  const entry = await retryingConflict(() =>
    asBearer(ctx, { credential: 'code' }, (tx) =>
      enterByMailbox(ctx, tx, actor, code, {
        address,
        by: 'code',
        newcomer,
        verdict,
        trustToken: input.trustToken,
        returnTo: null,
      }),
    ),
  );
  return settle(entry);
}
