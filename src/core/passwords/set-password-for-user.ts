import type { Id } from '../../base/ids.ts';
import { refuse, settle } from '../../base/refusal.ts';
import type { SystemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { checkNewPassword } from './password-bounds.ts';

/**
 * An operator sets somebody's password. Ends every session of that person.
 * @throws Refusal user_not_found, password_too_short, password_too_long
 */
export async function setPasswordForUser(
  ctx: Context,
  actor: SystemActor,
  input: { readonly userId: Id; readonly password: string },
): Promise<void> {
  checkNewPassword(ctx, input.password);
  const hash = await ctx.passwords.hash(input.password);
  settle(
    await ctx.store.transaction(async (tx) => {
      const person = await tx.users.find(input.userId);
      if (!person) return refuse('user_not_found');
      const now = ctx.clock.now();
      const before = await tx.passwords.find(person.id);
      await tx.passwords.set({ userId: person.id, hash, setAt: before?.setAt ?? now, changedAt: now });
      await tx.users.update(person.id, { credentialsChangedAt: now }, now);
      await tx.sessions.endAllOf(person.id);
      await tx.pendingSignIns.voidAllOf(person.id, now);
      await tx.codes.voidAllOf(person.id, 'all', now);
      await recordEvent(ctx, tx, actor, { type: 'password.changed', subject: person.id, data: { by: 'operator' } });
      return undefined;
    }),
  );
}
