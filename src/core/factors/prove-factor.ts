import { asOutcome, Refusal, refuse, settle } from '../../base/refusal.ts';
import { act, type MyselfActing } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { CredentialChange } from '../credentials/changes.ts';
import { endFor } from '../endings/end-for.ts';
import { rotateSession } from '../sessions/rotate-session.ts';
import type { Tx } from '../store.ts';
import { asGuess } from '../tries.ts';
import { hasSecondFactor } from '../users/user.ts';
import { dropStagedCodes } from './backup-codes.ts';
import { tryFactors } from './factor-tries.ts';
import { mailCodeMac } from './mail-code.ts';
import { type Accepted, spendBackupCode, spendTotpCode } from './match-factor.ts';
import { mailCodeAttempts, pendingTotpSeconds } from './second-factor-rules.ts';

/**
 * A code from somebody signed in. The first code of a pending secret switches the factor on and gives the session a
 * new token; otherwise it is a proof again and changes nothing.
 * @returns the new token, or null
 * @throws Refusal totp_not_set_up, second_factor_rejected, temporarily_locked, not_signed_in
 */
export async function proveTotp(ctx: Context, actor: UserActor, code: string): Promise<string | null> {
  return proving(ctx, actor, 'factor_tried', ['totp'], code, async (tx, me) => {
    const { user } = actor.live;
    const now = ctx.clock.now();
    const pending = await tx.factors.findTotp(user.id, 'pending');
    const active = await tx.factors.findTotp(user.id, 'active');
    if (active) {
      return (await spendTotpCode(ctx, tx, active, 'reauthenticate', code)) ? null : refuse('second_factor_rejected');
    }
    const unproven = me.refuseChange('factor_added');
    if (unproven) return unproven;
    if (!pending || now - pending.issuedAt >= pendingTotpSeconds * 1000) return refuse('totp_not_set_up');
    if (!(await spendTotpCode(ctx, tx, pending, 'activate', code))) return refuse('second_factor_rejected');
    if (!(await tx.factors.activateTotp(pending.id, now))) return refuse('totp_not_set_up');
    return switchedOn(ctx, tx, actor, me, 'totp');
  });
}

/**
 * The code that `sendProofCode` mailed. The first right one switches the mailed factor on.
 * @returns the new token when it was switched on, or null
 * @throws Refusal code_expired, code_exhausted, second_factor_rejected, temporarily_locked
 */
export async function proveMailCode(ctx: Context, actor: UserActor, code: string): Promise<string | null> {
  return proving(ctx, actor, 'factor_tried', ['mail_code'], code, async (tx, me) => {
    const { user, session } = actor.live;
    const now = ctx.clock.now();
    const sent = await tx.codes.findLatest('mail_factor_code', user.id);
    if (!sent || sent.sessionId !== session.id || sent.voidedAt !== null || sent.usedAt !== null)
      return refuse('code_expired');
    if (sent.expiresAt <= now) return refuse('code_expired');
    if (sent.attempts >= mailCodeAttempts || !(await tx.codes.countAttempt(sent.id))) return refuse('code_exhausted');
    if (Buffer.compare(mailCodeMac(ctx, session.id, code), sent.valueHash) !== 0)
      return refuse('second_factor_rejected');
    if (!(await tx.codes.spend(sent.id, now))) return refuse('code_expired');
    if (me.person.factors.mailCode) return null;
    const unproven = me.refuseChange('factor_added');
    if (unproven) return unproven;
    await dropStagedCodes(ctx, tx, me.person, session.id);
    await tx.factors.enableMailCode(user.id, now);
    return switchedOn(ctx, tx, actor, me, 'mail_code');
  });
}

/** @throws Refusal second_factor_not_active, second_factor_rejected, temporarily_locked */
export async function proveBackupCode(ctx: Context, actor: UserActor, code: string): Promise<void> {
  await proving(ctx, actor, 'factor_tried', ['backup_code'], code, async (tx) => {
    if ((await tx.factors.countBackupCodes(actor.live.user.id)) === 0) {
      return refuse('second_factor_not_active', { field: 'backup_codes' });
    }
    const right = await spendBackupCode(ctx, tx, actor.live.user, code);
    return right ? null : refuse('second_factor_rejected', { field: 'backup_code' });
  });
}

/** Changes that a right code of the factor is itself the proof for. */
const provenByCode: readonly CredentialChange[] = ['factor_removed', 'backup_codes_renewed'];

/**
 * A guess at a factor by somebody signed in: counted before it is made.
 * @param change what a right code leads to
 * @param prove answers second_factor_rejected for a wrong guess and for nothing else
 */
export async function proving<T>(
  ctx: Context,
  actor: UserActor,
  change: CredentialChange,
  accept: Accepted,
  code: string,
  prove: (tx: Tx, me: MyselfActing) => Promise<T | Refusal>,
): Promise<T> {
  const tried = await tryFactors(ctx, actor.live.user.id, actor.from, accept, code);
  const demand = { change, spendsFactorCode: provenByCode.includes(change) };
  const outcome = await asGuess(tried, () => asOutcome(act(ctx, actor, demand, prove)));
  // One form is one factor here, so a right code belongs to the first that counted it.
  if (!(outcome instanceof Refusal)) await tried.succeeded(tried.counted[0]!);
  else if (outcome.code !== 'second_factor_rejected') await tried.takeBack();
  return settle(outcome) as T;
}

/** From here on every sign-in asks for it; what was begun before is void (core map §2, TOTP on). */
export async function switchedOn(
  ctx: Context,
  tx: Tx,
  actor: UserActor,
  { person, session }: MyselfActing,
  factor: 'totp' | 'mail_code',
): Promise<string | Refusal> {
  const { user } = actor.live;
  const now = ctx.clock.now();
  await endFor(ctx, tx, actor, 'factor_on', user.id);
  await tx.users.update(user.id, {}, now);
  await recordEvent(ctx, tx, actor, { type: 'mfa.enabled', subject: user.id, data: { factor } });
  // A further factor says nothing about whoever set up the first one.
  if (!hasSecondFactor(person.factors)) await tx.sessions.setSecondFactor(session.id, 'enrolled', now);
  return (await rotateSession(ctx, tx, session)) ?? refuse('not_signed_in');
}
