import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { refuseSignIn } from '../audit/refuse-sign-in.ts';
import type { Context } from '../context.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import type { PendingSignIn } from '../sessions/session.ts';
import type { Tx } from '../store.ts';
import { asGuess } from '../tries.ts';
import type { Person } from '../users/user.ts';
import { type FactorTry, tryFactors } from './factor-tries.ts';
import { mailCodeMac } from './mail-code.ts';
import { type Accepted, spendBackupCode, spendTotpCode } from './match-factor.ts';
import { findPending } from './pending.ts';
import { mailCodeAttempts } from './second-factor-rules.ts';

export interface SecondFactorProof {
  /** The opaque token of the pending sign-in. */
  readonly pendingToken: string;
  readonly code: string;
  /** Which factors this wire takes here. */
  readonly accept: Accepted;
  readonly trustDevice: boolean;
}

/**
 * The second step of a sign-in. A wrong code counts against the pending sign-in and against the account; the right one
 * completes it exactly once.
 * @throws Refusal pending_sign_in_not_found, pending_sign_in_exhausted, second_factor_rejected, backup_codes_exhausted,
 * code_expired (mailed code), temporarily_locked, and what the gate refuses
 */
export async function completeSecondFactor(ctx: Context, actor: Actor, input: SecondFactorProof): Promise<Admission> {
  const seen = settle(await findPending(ctx, ctx.store.read, input.pendingToken));
  const tried = await tryFactors(ctx, seen.userId, actor.from, comparable(seen, input.accept), input.code);
  let right: Accepted[number] | null = null;
  const complete = async (tx: Tx) => {
    const pending = await findPending(ctx, tx, input.pendingToken);
    if (pending instanceof Refusal) return pending;
    const person = await tx.users.find(pending.userId);
    if (!person) return refuse('pending_sign_in_not_found', { why: 'the person is gone' });
    if (!(await tx.pendingSignIns.countAttempt(pending.id))) {
      await tx.pendingSignIns.void(pending.id, ctx.clock.now());
      return refuse('pending_sign_in_exhausted');
    }
    const factor = await match(ctx, tx, person, pending, input, tried);
    if (factor instanceof Refusal) {
      return refuseSignIn(ctx, tx, actor, factor, { person: person.id, method: pending.firstMethod });
    }
    right = factor;
    if (!(await tx.pendingSignIns.complete(pending.id, ctx.clock.now()))) return refuse('pending_sign_in_not_found');
    const admission = await admitUser(ctx, tx, actor, person, {
      method: pending.firstMethod,
      // However young the first way in is: the factor was shown beside it.
      strongFrom: null,
      secondFactor: factor,
      persistent: pending.persistent,
      isNewUser: pending.isNewUser,
      returnTo: pending.returnTo,
      trustThisDevice: input.trustDevice,
    });
    const session = admission instanceof Refusal || admission.kind !== 'session' ? null : admission.live.session;
    if (session) await tx.codes.replaceGiven(pending.id, session.id);
    return admission;
  };
  const outcome = await asGuess(tried, () => asBearer(ctx, { credential: 'pending' }, complete));
  if (right !== null) await tried.succeeded(right);
  else if (!(outcome instanceof Refusal && outcome.code === 'second_factor_rejected')) await tried.takeBack();
  return settle(outcome);
}

/** Where no code was mailed there is none to guess. */
const comparable = ({ mailCodeMac }: PendingSignIn, accept: Accepted): Accepted =>
  mailCodeMac === null ? accept.filter((kind) => kind !== 'mail_code') : accept;

async function match(
  ctx: Context,
  tx: Tx,
  person: Person,
  pending: PendingSignIn,
  { code, accept }: SecondFactorProof,
  { counted }: FactorTry,
): Promise<Accepted[number] | Refusal> {
  let compared = false;
  let mailRefusal: Refusal | null = null;
  if (accept.includes('totp')) {
    const totp = await tx.factors.findTotp(person.id, 'active');
    compared = totp !== null;
    if (!totp && accept.length === 1) return refuse('totp_not_set_up');
    if (totp && (await spendTotpCode(ctx, tx, totp, 'sign_in', code))) return 'totp';
  }
  if (counted.includes('mail_code') && pending.mailCodeMac !== null) {
    const matched = await matchMailCode(ctx, tx, pending, code);
    if (matched === true) return 'mail_code';
    if (matched instanceof Refusal) mailRefusal = matched;
  }
  if (accept.includes('backup_code') && (await spendBackupCode(ctx, tx, person, code))) return 'backup_code';
  // Not after a comparison: what is not rejected is not counted as a guess.
  if (mailRefusal && !compared) return mailRefusal;
  if (accept.length !== 1 || accept[0] !== 'backup_code') return refuse('second_factor_rejected');
  const left = await tx.factors.countBackupCodes(person.id);
  return left === 0 ? refuse('backup_codes_exhausted') : refuse('second_factor_rejected', { field: 'backup_code' });
}

async function matchMailCode(ctx: Context, tx: Tx, pending: PendingSignIn, code: string): Promise<boolean | Refusal> {
  if (pending.mailCodeExpiresAt === null || pending.mailCodeExpiresAt <= ctx.clock.now()) return refuse('code_expired');
  if (!(await tx.pendingSignIns.countMailCodeAttempt(pending.id, mailCodeAttempts))) return refuse('code_exhausted');
  const expected = mailCodeMac(ctx, pending.id, code);
  return Buffer.compare(expected, pending.mailCodeMac!) === 0;
}
