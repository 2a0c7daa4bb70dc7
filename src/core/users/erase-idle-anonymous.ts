import { days, type Instant } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import { asSystem } from '../acting.ts';
import { systemActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { eraseUser } from './delete-user.ts';

interface Idle {
  readonly clock: Context['clock'];
  readonly store: { readonly read: Pick<Context['store']['read'], 'users'> };
}

const before = ({ clock }: Pick<Idle, 'clock'>, idleDays: number): Instant => (clock.now() - days(idleDays)) as Instant;

/** At one call; the rest waits for the next. */
const batch = 200;

/** Is there anybody to erase? */
export const anyIdleAnonymous = async (ctx: Idle, idleDays: number): Promise<boolean> =>
  (await ctx.store.read.users.idleAnonymous(before(ctx, idleDays), { limit: 1 })).length > 0;

/**
 * Erases anonymous people who have no session and were not seen for so long: nobody can come back as them. The only owner
 * of an organization with other members stays.
 * @returns how many were erased
 */
export async function eraseIdleAnonymous(ctx: Context, idleDays: number): Promise<number> {
  const ids = await ctx.store.read.users.idleAnonymous(before(ctx, idleDays), { limit: batch });
  let erased = 0;
  for (const id of ids) {
    const outcome = await asSystem(ctx, async (tx) => {
      await tx.users.hold(id);
      const person = await tx.users.find(id);
      // Somebody may have signed up, or come back, since it was looked.
      const sessions = await tx.sessions.listOf(id, 0 as Instant);
      if (!person?.anonymous || sessions.length > 0) return 'stays';
      return (await eraseUser(ctx, tx, systemActor, person)) ?? 'erased';
    }).catch((fault: unknown) => {
      if (fault instanceof Refusal) return fault;
      throw fault;
    });
    if (outcome === 'erased') erased += 1;
  }
  return erased;
}
