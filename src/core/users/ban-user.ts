import { later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { refuse, settle } from '../../base/refusal.ts';
import type { SystemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';

/**
 * Keeps a person out until unbanned or until the ban ends. Sessions, pending sign-ins and codes end at once (rule 18).
 * @throws Refusal user_not_found
 */
export async function banUser(
  ctx: Context,
  actor: SystemActor,
  input: { readonly userId: Id; readonly reason: string | null; readonly seconds: number | null },
): Promise<void> {
  settle(
    await ctx.store.transaction(async (tx) => {
      const person = await tx.users.find(input.userId);
      if (!person) return refuse('user_not_found');
      const now = ctx.clock.now();
      const banExpiresAt = input.seconds === null ? null : later(now, input.seconds * 1000);
      await tx.users.update(person.id, { bannedAt: now, banReason: input.reason, banExpiresAt }, now);
      await tx.sessions.endAllOf(person.id);
      await tx.pendingSignIns.voidAllOf(person.id, now);
      await tx.codes.voidAllOf(person.id, 'all', now);
      await recordEvent(ctx, tx, actor, {
        type: 'account.banned',
        subject: person.id,
        data: { reason: input.reason, seconds: input.seconds },
      });
      return undefined;
    }),
  );
}

/** Lifts a ban; lifting none changes nothing. @throws Refusal user_not_found */
export async function unbanUser(ctx: Context, actor: SystemActor, userId: Id): Promise<void> {
  settle(
    await ctx.store.transaction(async (tx) => {
      const person = await tx.users.find(userId);
      if (!person) return refuse('user_not_found');
      if (person.bannedAt === null) return undefined;
      await tx.users.update(userId, { bannedAt: null, banReason: null, banExpiresAt: null }, ctx.clock.now());
      await recordEvent(ctx, tx, actor, { type: 'account.unbanned', subject: userId });
      return undefined;
    }),
  );
}
