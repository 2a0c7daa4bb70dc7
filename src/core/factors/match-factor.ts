import type { Context } from '../context.ts';
import type { SecondFactor } from '../sessions/session.ts';
import type { Tx } from '../store.ts';
import type { Person } from '../users/user.ts';
import { backupCodeMac, readBackupCode } from './backup-codes.ts';
import type { TotpOperation, TotpSecret } from './factor-store.ts';
import { matchTotpStep } from './totp.ts';

export const totpPlace = (id: string) => ({ table: 'totp', column: 'secret_enc', row: id });

export const openTotpSecret = (ctx: Pick<Context, 'vault'>, totp: TotpSecret): Uint8Array =>
  Buffer.from(ctx.vault.open(totpPlace(totp.id), totp.secret), 'base64');

/** Spends a code of the authenticator app: right, and not used for this operation before (rule 14). */
export async function spendTotpCode(
  ctx: Context,
  tx: Tx,
  totp: TotpSecret,
  operation: TotpOperation,
  code: string,
): Promise<boolean> {
  const step = matchTotpStep(openTotpSecret(ctx, totp), code, ctx.clock.now());
  return step !== null && (await tx.factors.spendTotpStep(totp.userId, operation, step));
}

/** Spends a backup code. */
export async function spendBackupCode(ctx: Context, tx: Tx, person: Person, typed: string): Promise<boolean> {
  const code = readBackupCode(typed);
  if (code === null) return false;
  return tx.factors.spendBackupCode(person.id, backupCodeMac(ctx, person.id, code), ctx.clock.now());
}

export type Accepted = readonly Extract<SecondFactor, 'totp' | 'mail_code' | 'backup_code'>[];
