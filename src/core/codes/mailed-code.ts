import { later } from '../../base/clock.ts';
import type { EmailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import { digits } from '../../base/random.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import { typedCode } from '../../base/typed-code.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { isKnownNetwork } from '../networks/known-network.ts';
import { nobody } from '../networks/requester-site.ts';
import type { Tx } from '../store.ts';
import type { MailedCodePurpose, OneTimeValue } from './one-time-value.ts';

interface NewMailedCode {
  readonly purpose: MailedCodePurpose;
  readonly address: EmailForm;
  readonly userId: Id | null;
  readonly emailId: Id | null;
}

/** Six digits are only as good as their context: purpose, row and address are part of the message. */
const message = (row: Pick<OneTimeValue, 'id' | 'purpose'>, addressNormal: string, code: string): string =>
  `${row.purpose} ${row.id} ${addressNormal} ${code}`;

/**
 * Whoever knows an address can try its code. Strangers get half of the tries, so that they cannot use up the code that
 * its owner waits for; the rest is for networks that the owner signs in from.
 */
const triesOfStrangers = ({ maxAttempts }: OneTimeValue): number => Math.ceil(maxAttempts / 2);

/** Makes a code for an address; it takes the place of the last one. */
export async function issueMailedCode(
  ctx: Context,
  tx: Pick<Tx, 'codes'>,
  { purpose, address, userId, emailId }: NewMailedCode,
): Promise<{ readonly code: string; readonly lifeSeconds: number }> {
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  const code = digits(ctx.random, 6);
  const lifeSeconds = Math.min(ctx.surface.codes.mailCodeSeconds, ctx.project.policy.codes.maxLifeSeconds);
  await tx.codes.voidAllTo(address.normal, purpose, now);
  await tx.codes.insert({
    id,
    purpose,
    valueHash: ctx.vault.mac('sign-in code', message({ id, purpose }, address.normal, code)),
    groupHash: null,
    attempts: 0,
    maxAttempts: 2 * ctx.surface.mailCodeAttempts,
    userId,
    emailId,
    addressNormal: address.normal,
    sessionId: null,
    browserHash: null,
    payload: null,
    expiresAt: later(now, lifeSeconds * 1000),
    usedAt: null,
    voidedAt: null,
    createdAt: now,
  });
  return { code, lifeSeconds };
}

/**
 * Compares what somebody typed with the code mailed last to an address. The try is counted before it is compared, so
 * tries at once count too; a right one is taken back. Nothing is spent.
 * @returns code_not_found (none, voided, used, or wrong digits), code_expired, code_exhausted
 */
export async function tryMailedCode(
  ctx: Context,
  actor: Actor,
  purpose: MailedCodePurpose,
  addressNormal: string,
  typed: string,
): Promise<OneTimeValue | Refusal> {
  const seen = await ctx.store.read.codes.findLatestTo(purpose, addressNormal);
  const known = await isKnownNetwork(ctx, seen?.userId ?? nobody, actor.from.ip);
  return asBearer(ctx, { credential: 'code' }, async (tx) => {
    const code = await tx.codes.findLatestTo(purpose, addressNormal);
    if (!code || code.voidedAt !== null || code.usedAt !== null)
      return refuse('code_not_found', { why: 'none is live' });
    if (code.expiresAt <= ctx.clock.now()) return refuse('code_expired');
    const most = known && code.userId === seen?.userId ? undefined : triesOfStrangers(code);
    if (!(await tx.codes.countAttempt(code.id, most))) return refuse('code_exhausted');
    if (ctx.vault.verifyMac('sign-in code', message(code, addressNormal, typedCode(typed)), code.valueHash)) {
      await tx.codes.forgiveAttempt(code.id);
      return code;
    }
    await recordEvent(ctx, tx, actor, {
      type: purpose === 'email_verification_code' ? 'email.verification_failed' : 'account.sign_in_failed',
      subject: code.userId,
      level: 'warn',
      data: { method: 'mail_code', purpose, reason: 'wrong code' },
    });
    return refuse('code_not_found', { why: 'wrong digits' });
  });
}
