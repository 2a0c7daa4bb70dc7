import type { Id } from '../../base/ids.ts';
import { pick } from '../../base/random.ts';
import { typedCode } from '../../base/typed-code.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import { hasSecondFactor, type Person } from '../users/user.ts';
import { pendingTotpSeconds } from './second-factor-rules.ts';

/** Core map F6: no character that could be taken for another. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const codeLength = 8;
const codesInASet = 10;

const form = /^[A-Z2-9]{8}$/;

/** What was typed, without separators and in upper case; null when it cannot be a backup code. */
export function readBackupCode(typed: string): string | null {
  const code = typedCode(typed).toUpperCase();
  return form.test(code) ? code : null;
}

export const backupCodeMac = (ctx: Pick<Context, 'vault'>, userId: Id, code: string): Uint8Array =>
  ctx.vault.mac('backup code', `${userId} ${code}`);

/** Replaces the person's backup codes. The codes are returned once and never again. */
export async function newBackupCodes(
  ctx: Context,
  tx: Pick<Tx, 'factors'>,
  userId: Id,
): Promise<{ readonly setId: Id; readonly codes: readonly string[] }> {
  const codes = new Set<string>();
  while (codes.size < codesInASet) codes.add(pick(ctx.random, alphabet, codeLength));
  const setId = ctx.ids.next();
  const rows = [...codes].map((code) => ({ id: ctx.ids.next(), mac: backupCodeMac(ctx, userId, code) }));
  await tx.factors.replaceBackupCodes(userId, setId, rows, ctx.clock.now());
  return { setId, codes: [...codes] };
}

/**
 * A step of switching a first factor on. Codes may lie there from a secret that was never switched on, and whoever asked
 * for that need not be who switches this factor on. Those that the session was shown with its own secret stay.
 */
export async function dropStagedCodes(
  ctx: Pick<Context, 'ids' | 'clock'>,
  tx: Pick<Tx, 'factors'>,
  person: Pick<Person, 'id' | 'factors'>,
  sessionId: Id | null,
): Promise<void> {
  if (hasSecondFactor(person.factors)) return;
  const now = ctx.clock.now();
  const staged = await tx.factors.findTotp(person.id, 'pending');
  const own = staged !== null && sessionId !== null && staged.issuedSessionId === sessionId;
  if (own && now - staged.issuedAt < pendingTotpSeconds * 1000) return;
  await tx.factors.replaceBackupCodes(person.id, ctx.ids.next(), [], now);
}
