import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { endCodes } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { rotateSession } from '../sessions/rotate-session.ts';
import type { Tx } from '../store.ts';
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
  return proving(ctx, actor, ['totp'], code, async (tx) => {
    const { user } = actor.live;
    const now = ctx.clock.now();
    const pending = await tx.factors.findTotp(user.id, 'pending');
    const active = await tx.factors.findTotp(user.id, 'active');
    if (active) {
      return (await spendTotpCode(ctx, tx, active, 'reauthenticate', code)) ? null : refuse('second_factor_rejected');
    }
    if (!pending || now - pending.issuedAt >= pendingTotpSeconds * 1000) return refuse('totp_not_set_up');
    if (!(await spendTotpCode(ctx, tx, pending, 'activate', code))) return refuse('second_factor_rejected');
    if (!(await tx.factors.activateTotp(pending.id, now))) return refuse('totp_not_set_up');
    return switchedOn(ctx, tx, actor, 'totp');
  });
}

/**
 * The code that `sendProofCode` mailed. The first right one switches the mailed factor on.
 * @returns the new token when it was switched on, or null
 * @throws Refusal code_expired, code_exhausted, second_factor_rejected, temporarily_locked
 */
export async function proveMailCode(ctx: Context, actor: UserActor, code: string): Promise<string | null> {
  return proving(ctx, actor, ['mail_code'], code, async (tx) => {
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
    if (user.factors.mailCode) return null;
    await tx.factors.enableMailCode(user.id, now);
    return switchedOn(ctx, tx, actor, 'mail_code');
  });
}

/** @throws Refusal second_factor_not_active, second_factor_rejected, temporarily_locked */
export async function proveBackupCode(ctx: Context, actor: UserActor, code: string): Promise<void> {
  await proving(ctx, actor, ['backup_code'], code, async (tx) => {
    if ((await tx.factors.countBackupCodes(actor.live.user.id)) === 0) {
      return refuse('second_factor_not_active', { field: 'backup_codes' });
    }
    const right = await spendBackupCode(ctx, tx, actor.live.user, code);
    return right ? null : refuse('second_factor_rejected', { field: 'backup_code' });
  });
}

/**
 * A guess at a factor by somebody signed in: counted before it is made.
 * @param prove answers second_factor_rejected for a wrong guess and for nothing else
 */
export async function proving<T>(
  ctx: Context,
  actor: UserActor,
  accept: Accepted,
  code: string,
  prove: (tx: Tx) => Promise<T | Refusal>,
): Promise<T> {
  const tried = await tryFactors(ctx, actor.live.user.id, actor.from, accept, code);
  const outcome = await ctx.store.transaction(async (tx) => {
    if (!(await tx.sessions.find(actor.live.session.id))) return refuse('not_signed_in');
    return prove(tx);
  });
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
  factor: 'totp' | 'mail_code',
): Promise<string | Refusal> {
  const { user, session } = actor.live;
  const now = ctx.clock.now();
  await tx.pendingSignIns.voidAllOf(user.id, now);
  await endCodes(ctx, tx, user.id);
  await tx.users.update(user.id, {}, now);
  await recordEvent(ctx, tx, actor, { type: 'mfa.enabled', subject: user.id, data: { factor } });
  await tx.sessions.setSecondFactor(session.id, 'enrolled', now);
  return (await rotateSession(ctx, tx, session)) ?? refuse('not_signed_in');
}
