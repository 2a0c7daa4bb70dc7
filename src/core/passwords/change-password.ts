import { refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { endCodes } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { rotateSession } from '../sessions/rotate-session.ts';
import { checkNewPassword } from './password-bounds.ts';
import { provePassword } from './prove-password.ts';

/**
 * Replaces the actor's password. Every other session ends, with pending sign-ins and codes; this one stays, under a new
 * token when `newToken` asks for it.
 * @returns the new token, or null
 * @throws Refusal password_too_short, password_too_long, password_not_set, password_wrong, not_signed_in
 */
export async function changePassword(
  ctx: Context,
  actor: UserActor,
  input: { readonly current: string; readonly next: string; readonly newToken: boolean },
): Promise<string | null> {
  checkNewPassword(ctx, input.next);
  const proven = await provePassword(ctx, actor, input.current);
  const hash = await ctx.passwords.hash(input.next);
  const { user, session } = actor.live;
  const outcome = await ctx.store.transaction(async (tx) => {
    const now = ctx.clock.now();
    if ((await tx.passwords.find(user.id))?.hash !== proven.hash) return refuse('password_wrong');
    if (!(await tx.sessions.find(session.id))) return refuse('not_signed_in');
    await tx.passwords.set({ ...proven, hash, changedAt: now });
    await tx.users.update(user.id, { credentialsChangedAt: now }, now);
    await tx.sessions.endAllOf(user.id, session.id);
    await tx.pendingSignIns.voidAllOf(user.id, now);
    await endCodes(ctx, tx, user.id);
    await recordEvent(ctx, tx, actor, { type: 'password.changed', subject: user.id });
    if (user.email) {
      await queueMail(ctx, tx, user.email.value, { kind: 'password_changed' }, actor.from);
    }
    return input.newToken ? rotateSession(ctx, tx, session) : null;
  });
  ctx.wakeJobs();
  return settle(outcome);
}
