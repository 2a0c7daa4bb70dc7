import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { rotateSession } from '../sessions/rotate-session.ts';
import type { Tx } from '../store.ts';
import { hashNewPassword } from './hash-new-password.ts';
import { checkNewPassword } from './password-bounds.ts';
import { provePassword } from './prove-password.ts';

/**
 * Replaces the actor's password. Every other session ends, with pending sign-ins and codes; this one stays, under a new
 * token when `newToken` asks for it.
 * @returns the new token, or null
 * @throws Refusal password_too_short, password_too_long, password_not_set, password_wrong, password_unchanged, not_signed_in,
 *   session_not_fresh (a second factor is owed), impersonated_session
 */
export async function changePassword(
  ctx: Context,
  actor: UserActor,
  input: {
    readonly current: string;
    readonly next: string;
    readonly newToken: boolean;
    readonly mustDiffer?: boolean;
    /** The token of the one session that stays, null for none; the session that asks when absent. */
    readonly spared?: string | null;
  },
): Promise<string | null> {
  checkNewPassword(ctx, input.next);
  const proven = await provePassword(ctx, actor, input.current);
  if (input.mustDiffer && input.next.normalize('NFKC') === input.current.normalize('NFKC')) {
    throw new Refusal('password_unchanged');
  }
  const hash = await hashNewPassword(ctx, input.next);
  const { user } = actor.live;
  return act(ctx, actor, { change: 'password_changed', password: proven }, async (tx, { session }) => {
    const spare = await sparedSession(ctx, tx, actor, input.spared);
    await endFor(ctx, tx, actor, 'password_changed', user.id, { spare });
    await tx.passwords.set({ ...proven, hash, changedAt: ctx.clock.now(), strongFrom: null });
    await recordEvent(ctx, tx, actor, { type: 'password.changed', subject: user.id });
    return input.newToken ? rotateSession(ctx, tx, session) : null;
  });
}

/** Wires that name sessions by their tokens say which one stays; somebody else's token spares nothing. */
async function sparedSession(
  ctx: Context,
  tx: Tx,
  { live }: UserActor,
  token: string | null | undefined,
): Promise<Id | null> {
  if (token === undefined) return live.session.id;
  const named = token === null ? null : await tx.sessions.findByTokenHash(ctx.vault.digest(token));
  return named?.user.id === live.user.id ? named.session.id : null;
}
