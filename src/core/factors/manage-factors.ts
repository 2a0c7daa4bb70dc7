import { base32 } from '../../base/base32.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { provePassword } from '../passwords/prove-password.ts';
import { rotateSession } from '../sessions/rotate-session.ts';
import type { Tx } from '../store.ts';
import { hasSecondFactor } from '../users/user.ts';
import { dropStagedCodes, newBackupCodes } from './backup-codes.ts';
import { type Accepted, openTotpSecret, spendBackupCode, spendTotpCode, totpPlace } from './match-factor.ts';
import { proving, switchedOn } from './prove-factor.ts';

/** RFC 4226 §4 asks for at least 128 bits and recommends 160. */
const secretBytes = 20;

export interface StagedTotp {
  readonly secretBase32: string;
  /** Shown now and never again; already valid once the factor is on. */
  readonly backupCodes: readonly string[];
}

/**
 * Makes a secret that waits for its first code, and backup codes to go with it; asking again takes the place of the last.
 * @throws Refusal password_wrong, password_not_set, totp_already_active
 */
export async function stageTotp(ctx: Context, actor: UserActor, password: string): Promise<StagedTotp> {
  const proven = await provePassword(ctx, actor, password);
  return act(ctx, actor, { change: 'factor_added', password: proven }, async (tx, me) => {
    // Codes that are there belong to a factor that is on.
    const unproven = hasSecondFactor(me.person.factors) ? me.refuseChange('backup_codes_renewed') : null;
    if (unproven) return unproven;
    const secretBase32 = await putPendingSecret(ctx, tx, actor);
    if (secretBase32 instanceof Refusal) return secretBase32;
    const { codes } = await newBackupCodes(ctx, tx, actor.live.user.id);
    return { secretBase32, backupCodes: codes };
  });
}

/**
 * The same where the wire asks for no proof and backup codes come with the activation (`activateTotp`).
 * @throws Refusal totp_already_active
 */
export const stageTotpSecret = async (ctx: Context, actor: UserActor): Promise<string> =>
  await act(ctx, actor, { change: 'factor_added' }, async (tx, { person }) => {
    const secret = await putPendingSecret(ctx, tx, actor);
    if (!(secret instanceof Refusal)) await dropStagedCodes(ctx, tx, person, null);
    return secret;
  });

async function putPendingSecret(ctx: Context, tx: Tx, { live }: UserActor): Promise<string | Refusal> {
  const { user, session } = live;
  if (await tx.factors.findTotp(user.id, 'active')) return refuse('totp_already_active');
  const secret = ctx.random.bytes(secretBytes);
  const id = ctx.ids.next();
  await tx.factors.putPendingTotp({
    id,
    userId: user.id,
    state: 'pending',
    secret: ctx.vault.seal(totpPlace(id), Buffer.from(secret).toString('base64')),
    issuedSessionId: session.id,
    issuedAt: ctx.clock.now(),
    activatedAt: null,
  });
  return base32(secret);
}

/** The secret again, pending or active. @throws Refusal password_wrong, password_not_set, totp_not_set_up */
export async function showTotp(ctx: Context, actor: UserActor, password: string): Promise<string> {
  const proven = await provePassword(ctx, actor, password);
  const { id } = actor.live.user;
  return act(ctx, actor, { password: proven }, async (tx, me) => {
    const active = await tx.factors.findTotp(id, 'active');
    const totp = active ?? (await tx.factors.findTotp(id, 'pending'));
    if (!totp) return refuse('totp_not_set_up');
    const unproven = me.refuseChange(active ? 'factor_shown' : 'factor_added');
    return unproven ?? base32(openTotpSecret(ctx, totp));
  });
}

/**
 * Switches the mailed code on as a second factor.
 * @returns the session's new token
 * @throws Refusal password_wrong, password_not_set, mail_factor_not_set_up
 */
export async function enableMailFactor(ctx: Context, actor: UserActor, password: string): Promise<string> {
  const proven = await provePassword(ctx, actor, password);
  const { user } = actor.live;
  return act(ctx, actor, { change: 'factor_added', password: proven }, async (tx, me) => {
    if (!user.email) return refuse('mail_factor_not_set_up');
    await dropStagedCodes(ctx, tx, me.person, me.session.id);
    await tx.factors.enableMailCode(user.id, ctx.clock.now());
    return switchedOn(ctx, tx, actor, me, 'mail_code');
  });
}

/**
 * Takes every second factor away, and with them backup codes and trusted devices.
 * @returns the session's new token
 * @throws Refusal password_wrong, password_not_set, not_signed_in
 */
export async function disableSecondFactor(ctx: Context, actor: UserActor, password: string): Promise<string> {
  const proven = await provePassword(ctx, actor, password);
  return act(ctx, actor, { change: 'factor_removed', password: proven }, async (tx) => {
    return switchOff(ctx, tx, actor);
  });
}

/**
 * The same on a code of the app or a backup code.
 * @returns the session's new token
 * @throws Refusal totp_not_set_up, second_factor_rejected, temporarily_locked, not_signed_in
 */
export const disableSecondFactorByCode = (
  ctx: Context,
  actor: UserActor,
  code: string,
  accept: Accepted,
): Promise<string> =>
  proving(ctx, actor, 'factor_removed', withoutMailCode(accept), code, async (tx) => {
    const totp = await tx.factors.findTotp(actor.live.user.id, 'active');
    if (!totp) return refuse('totp_not_set_up');
    const right =
      (accept.includes('totp') && (await spendTotpCode(ctx, tx, totp, 'disable', code))) ||
      (accept.includes('backup_code') && (await spendBackupCode(ctx, tx, actor.live.user, code)));
    return right ? switchOff(ctx, tx, actor) : refuse('second_factor_rejected');
  });

/** This operation takes no mailed code. */
const withoutMailCode = (accept: Accepted): Accepted => accept.filter((kind) => kind !== 'mail_code');

async function switchOff(ctx: Context, tx: Tx, actor: UserActor): Promise<string | Refusal> {
  const { user, session } = actor.live;
  await endFor(ctx, tx, actor, 'factor_off', user.id);
  await tx.users.update(user.id, {}, ctx.clock.now());
  await recordEvent(ctx, tx, actor, { type: 'mfa.disabled', subject: user.id });
  return (await rotateSession(ctx, tx, session)) ?? refuse('not_signed_in');
}

/** A new set takes the place of the old. @throws Refusal password_wrong, password_not_set, second_factor_not_active */
export async function generateBackupCodes(
  ctx: Context,
  actor: UserActor,
  password: string,
): Promise<readonly string[]> {
  const proven = await provePassword(ctx, actor, password);
  const { user } = actor.live;
  return act(ctx, actor, { change: 'backup_codes_renewed', password: proven }, async (tx, { person }) => {
    if (!hasSecondFactor(person.factors)) return refuse('second_factor_not_active');
    await endFor(ctx, tx, actor, 'backup_codes_renewed', user.id);
    const { codes } = await newBackupCodes(ctx, tx, user.id);
    await recordEvent(ctx, tx, actor, { type: 'mfa.codes_regenerated', subject: user.id });
    return codes;
  });
}

/** The same on a code of the app. @throws Refusal totp_not_set_up, second_factor_rejected, temporarily_locked */
export const generateBackupCodesByCode = (ctx: Context, actor: UserActor, code: string): Promise<readonly string[]> =>
  proving(ctx, actor, 'backup_codes_renewed', ['totp'], code, async (tx) => {
    const { user } = actor.live;
    const totp = await tx.factors.findTotp(user.id, 'active');
    if (!totp) return refuse('totp_not_set_up');
    if (!(await spendTotpCode(ctx, tx, totp, 'regenerate', code))) return refuse('second_factor_rejected');
    await endFor(ctx, tx, actor, 'backup_codes_renewed', user.id);
    const { codes } = await newBackupCodes(ctx, tx, user.id);
    await recordEvent(ctx, tx, actor, { type: 'mfa.codes_regenerated', subject: user.id });
    return codes;
  });
