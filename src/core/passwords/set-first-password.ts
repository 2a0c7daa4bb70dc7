import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { checkNewPassword } from './password-bounds.ts';

/**
 * Somebody who signs in another way takes a password as well. Sessions stay.
 * @throws Refusal method_disabled, password_too_short, password_too_long, password_already_set, not_signed_in
 */
export async function setFirstPassword(ctx: Context, actor: UserActor, password: string): Promise<void> {
  if (!ctx.project.policy.methods.password) throw new Refusal('method_disabled');
  checkNewPassword(ctx, password);
  const { user, session } = actor.live;
  const hash = await ctx.passwords.hash(password);
  settle(
    await ctx.store.transaction(async (tx) => {
      if (!(await tx.sessions.find(session.id))) return refuse('not_signed_in');
      if (await tx.passwords.find(user.id)) return refuse('password_already_set');
      const now = ctx.clock.now();
      await tx.passwords.set({ userId: user.id, hash, setAt: now, changedAt: now });
      await recordEvent(ctx, tx, actor, { type: 'password.changed', subject: user.id, data: { first: true } });
      if (user.email) await queueMail(ctx, tx, user.email.value, { kind: 'password_changed' }, actor.from);
      return undefined;
    }),
  );
  ctx.wakeJobs();
}
