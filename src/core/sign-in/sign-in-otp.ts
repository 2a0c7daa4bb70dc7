import { type EmailForm, newEmailForm } from '../../base/email-form.ts';
import { opaqueToken } from '../../base/random.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { typedCode } from '../../base/typed-code.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { codePayload, findCode, issueCode } from '../codes/codes.ts';
import type { OneTimeValue } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import { retryingConflict } from '../identities/enter-by-provider.ts';
import { fillLink, type LinkTemplate } from '../mail/mail.ts';
import { queueMail, tooManyMails } from '../mail/queue-mail.ts';
import type { Reads } from '../store.ts';
import { checkSignUpOpen } from '../users/admit-sign-up.ts';
import { type ChallengeAnswer, challengeNotCompleted, checkBotChallenge } from '../users/bot-challenge.ts';
import { admitNewcomer, enterByMailbox, type MailboxEntry } from './enter-by-mailbox.ts';

/** A code is six characters that people type, then the nonce that the browser which asked keeps (hexclave spec §3.2). */
const typedLength = 6;
const nonceLength = 39;

/** What the code holds sealed. A type, so that it is JSON. */
type Payload = { address: string; mayMakePerson: boolean };

/**
 * Mails a link and a short code that sign in, and make the account of an address that has none.
 * @returns the nonce: with the typed characters before it, it is the code
 * @throws Refusal method_disabled, email_invalid, email_taken (the address is somebody's who has not proven it),
 * sign_up_disabled, bot_challenge_required, bot_challenge_failed
 */
export async function requestSignInOtp(
  ctx: Context,
  actor: Actor,
  input: { readonly address: string; readonly link: LinkTemplate; readonly challenge: ChallengeAnswer | null },
): Promise<string> {
  const { policy } = ctx.project;
  if (!policy.methods.mailCode) throw new Refusal('method_disabled');
  const address = newEmailForm(input.address);
  if (!address) throw new Refusal('email_invalid');
  const refused = await holderRefusal(ctx, ctx.store.read, address);
  if (refused) throw refused;
  const { mayMakePerson } = await checkBotChallenge(ctx, actor.from, 'send_magic_link_email', input.challenge);
  // Nobody's mailbox is filled by strangers: past the limit the answer stays, and no mail goes out.
  const mute = await tooManyMails(ctx, 'sign-in otp', address.normal, actor.from);
  if (mute) return opaqueToken(ctx.random).slice(typedLength);
  const lifeSeconds = Math.min(ctx.surface.codes.mailCodeSeconds, policy.codes.maxLifeSeconds);
  const token = await asBearer(ctx, { credential: 'none' }, async (tx) => {
    const email = await tx.emails.findForAuth(address.normal);
    const issued = await issueCode(ctx, tx, {
      purpose: 'sign_in_otp',
      lifeSeconds,
      userId: email?.userId ?? null,
      emailId: email?.id ?? null,
      addressNormal: address.normal,
      group: { length: nonceLength, maxAttempts: ctx.surface.mailCodeAttempts },
      payload: { address: address.value, mayMakePerson } satisfies Payload,
    });
    if (email || policy.signUp.enabled) {
      const otp = issued.slice(0, typedLength).toUpperCase();
      const message = { kind: 'sign_in_otp' as const, otp, link: fillLink(input.link, issued), lifeSeconds };
      await queueMail(ctx, tx, email?.value ?? address.value, message, actor.from);
    }
    return issued;
  });
  return token.slice(typedLength);
}

/** The wire tells these apart; where taken addresses are concealed, the mailbox learns the truth instead (core map P5). */
async function holderRefusal(ctx: Context, reads: Pick<Reads, 'emails'>, address: EmailForm): Promise<Refusal | null> {
  if (ctx.project.policy.signUp.concealTaken === 'always') return null;
  const email = await reads.emails.findForAuth(address.normal);
  if (!email) {
    checkSignUpOpen(ctx);
    return null;
  }
  return email.verifiedAt === null ? refuse('email_taken', { given: address.normal, holderUnverified: true }) : null;
}

/**
 * Counts the try, whatever was typed, and finds the code. Nothing is spent.
 * @returns code_not_found, code_expired, code_used, code_exhausted
 */
async function tryOtp(ctx: Context, given: string): Promise<OneTimeValue | Refusal> {
  const nonce = given.slice(-nonceLength);
  const token = typedCode(given.slice(0, -nonceLength)) + nonce;
  return asBearer(ctx, { credential: 'code' }, async (tx) => {
    await tx.codes.countGroupAttempt('sign_in_otp', ctx.vault.digest(nonce));
    const code = await findCode(ctx, tx, 'sign_in_otp', token);
    if (code instanceof Refusal) return code;
    return code.attempts >= code.maxAttempts ? refuse('code_exhausted') : code;
  });
}

/** @throws Refusal method_disabled, code_* */
export async function checkSignInOtp(ctx: Context, token: string): Promise<void> {
  if (!ctx.project.policy.methods.mailCode) throw new Refusal('method_disabled');
  settle(await tryOtp(ctx, token));
}

/**
 * Signs in by the link's code, or by what was typed and the nonce.
 * @throws Refusal method_disabled, code_*, email_taken, sign_up_disabled, sign_up_rejected, bot_challenge_failed, and
 * what the gate refuses
 */
export async function signInWithOtp(ctx: Context, actor: Actor, token: string): Promise<MailboxEntry> {
  if (!ctx.project.policy.methods.mailCode) throw new Refusal('method_disabled');
  const code = settle(await tryOtp(ctx, token));
  const { address: text, mayMakePerson } = codePayload<Payload>(ctx, code);
  const address = newEmailForm(text);
  if (!address) throw new Refusal('code_not_found', { why: 'mail does not reach its address' });
  const refused = await holderRefusal(ctx, ctx.store.read, address);
  if (refused) throw refused;
  const verdict = await admitNewcomer(ctx, actor, address);
  if (verdict && !mayMakePerson) throw challengeNotCompleted();
  const entry = await retryingConflict(() =>
    asBearer(ctx, { credential: 'code' }, (tx) =>
      enterByMailbox(ctx, tx, actor, code, {
        ...{ address, by: 'code', enablesCode: true, verdict, trustToken: null, returnTo: null },
        newcomer: { displayName: null, imageUrl: null, metadataClient: null },
      }),
    ),
  );
  return settle(entry);
}
