import { refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { endCodes } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { isLastWayIn } from './ways-in.ts';

/**
 * Takes the actor's password away; another way in must be left. Pending sign-ins rest on it, so they end; codes do too.
 * @throws Refusal identity_last_method, password_not_set
 */
export async function removePassword(ctx: Context, actor: UserActor): Promise<void> {
  const { id } = actor.live.user;
  settle(
    await ctx.store.transaction(async (tx) => {
      if (await isLastWayIn(ctx, tx, id, (way) => way.kind === 'password')) return refuse('identity_last_method');
      if (!(await tx.passwords.remove(id))) return refuse('password_not_set');
      const now = ctx.clock.now();
      await tx.users.update(id, { credentialsChangedAt: now }, now);
      await tx.pendingSignIns.voidAllOf(id, now);
      await endCodes(ctx, tx, id);
      await recordEvent(ctx, tx, actor, { type: 'password.removed', subject: id });
      return undefined;
    }),
  );
}
