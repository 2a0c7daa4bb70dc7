import type { Instant } from '../../base/clock.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';

export interface TotpStatus {
  readonly activatedAt: Instant;
  /** Unspent ones. */
  readonly backupCodes: number;
}

/** Null while no authenticator app is on, also when a secret waits for its first code. */
export async function readTotpStatus(ctx: Context, actor: UserActor): Promise<TotpStatus | null> {
  const { id } = actor.live.user;
  const { factors } = ctx.store.read;
  const totp = await factors.findTotp(id, 'active');
  if (!totp) return null;
  return { activatedAt: totp.activatedAt ?? totp.issuedAt, backupCodes: await factors.countBackupCodes(id) };
}
