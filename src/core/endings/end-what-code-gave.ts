import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Purpose } from '../codes/one-time-value.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';

/**
 * A code that is shown again may be in the wrong hands, and nobody can tell whose use came first: what the first use gave
 * ends (RFC 6749 §4.1.2). Reads the code anew, because the first use may have committed a moment ago.
 */
export async function endWhatCodeGave(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  purpose: Extract<Purpose, 'outer_code' | 'shared_session'>,
  value: string,
): Promise<void> {
  const code = await tx.codes.find(purpose, ctx.vault.digest(value));
  if (!code || code.givenId === null) return;
  await tx.pendingSignIns.void(code.givenId, ctx.clock.now());
  if (!(await tx.sessions.end(code.givenId))) return;
  await recordEvent(ctx, tx, actor, {
    type: 'session.ended',
    subject: code.userId,
    sessionId: code.givenId,
    level: 'warn',
    data: { reason: 'code_used_twice' },
  });
}
