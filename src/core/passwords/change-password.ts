import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { endCodes } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { rotateSession } from '../sessions/rotate-session.ts';
import type { Tx } from '../store.ts';
import { checkNewPassword } from './password-bounds.ts';
import { provePassword } from './prove-password.ts';

/**
 * Replaces the actor's password. Every other session ends, with pending sign-ins and codes; this one stays, under a new
 * token when `newToken` asks for it.
 * @returns the new token, or null
 * @throws Refusal password_too_short, password_too_long, password_not_set, password_wrong, password_unchanged, not_signed_in
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
  const hash = await ctx.passwords.hash(input.next);
  const { user, session } = actor.live;
  const outcome = await ctx.store.transaction(async (tx) => {
    const now = ctx.clock.now();
    if ((await tx.passwords.find(user.id))?.hash !== proven.hash) return refuse('password_wrong');
    if (!(await tx.sessions.find(session.id))) return refuse('not_signed_in');
    await tx.passwords.set({ ...proven, hash, changedAt: now });
    await tx.users.update(user.id, { credentialsChangedAt: now }, now);
    await tx.sessions.endAllOf(user.id, await sparedSession(ctx, tx, actor, input.spared));
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

/** Wires that name sessions by their tokens say which one stays; somebody else's token spares nothing. */
async function sparedSession(
  ctx: Context,
  tx: Tx,
  { live }: UserActor,
  token: string | null | undefined,
): Promise<Id | undefined> {
  if (token === undefined) return live.session.id;
  const named = token === null ? null : await tx.sessions.findByTokenHash(ctx.vault.digest(token));
  return named?.user.id === live.user.id ? named.session.id : undefined;
}
