import { looksLikeToken } from '../../base/random.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { PendingSignIn } from '../sessions/session.ts';
import type { Reads } from '../store.ts';

/** The sign-in that waits behind a token. @returns pending_sign_in_not_found for every reason it cannot go on */
export async function findPending(
  ctx: Context,
  reads: Pick<Reads, 'pendingSignIns'>,
  token: string,
): Promise<PendingSignIn | Refusal> {
  if (!looksLikeToken(token)) return refuse('pending_sign_in_not_found', { why: 'malformed' });
  const pending = await reads.pendingSignIns.findByTokenHash(ctx.vault.digest(token));
  if (!pending) return refuse('pending_sign_in_not_found', { why: 'unknown' });
  if (pending.completedAt !== null || pending.voidedAt !== null) {
    return refuse('pending_sign_in_not_found', { why: pending.completedAt === null ? 'voided' : 'completed' });
  }
  if (pending.expiresAt <= ctx.clock.now()) return refuse('pending_sign_in_not_found', { why: 'expired' });
  return pending;
}
