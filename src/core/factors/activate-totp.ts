import { Refusal, refuse } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { hasSecondFactor } from '../users/user.ts';
import { newBackupCodes } from './backup-codes.ts';
import { spendTotpCode } from './match-factor.ts';
import { proving, switchedOn } from './prove-factor.ts';
import { pendingTotpSeconds } from './second-factor-rules.ts';

export interface ActivatedTotp {
  /** The session's new token. */
  readonly token: string;
  /** Shown now and never again. */
  readonly backupCodes: readonly string[];
}

/**
 * The first code of the pending secret switches the factor on, and backup codes are made. A wrong one leaves the secret.
 * @throws Refusal totp_already_active, totp_not_set_up, second_factor_rejected, temporarily_locked, not_signed_in
 */
export const activateTotp = (ctx: Context, actor: UserActor, code: string): Promise<ActivatedTotp> =>
  proving(ctx, actor, 'factor_added', ['totp'], code, async (tx, me) => {
    const { id } = actor.live.user;
    if (await tx.factors.findTotp(id, 'active')) return refuse('totp_already_active');
    // Codes that are there belong to a factor that is on.
    const unproven = hasSecondFactor(me.person.factors) ? me.refuseChange('backup_codes_renewed') : null;
    if (unproven) return unproven;
    const pending = await tx.factors.findTotp(id, 'pending');
    const now = ctx.clock.now();
    if (!pending || now - pending.issuedAt >= pendingTotpSeconds * 1000) return refuse('totp_not_set_up');
    if (!(await spendTotpCode(ctx, tx, pending, 'activate', code))) return refuse('second_factor_rejected');
    if (!(await tx.factors.activateTotp(pending.id, now))) return refuse('totp_not_set_up');
    const { codes } = await newBackupCodes(ctx, tx, id);
    const token = await switchedOn(ctx, tx, actor, me, 'totp');
    return token instanceof Refusal ? token : { token, backupCodes: codes };
  });
