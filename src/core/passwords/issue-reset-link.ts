import type { Instant } from '../../base/clock.ts';
import { later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { SystemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';

export interface ResetLink {
  readonly url: string;
  readonly expiresAt: Instant;
}

/**
 * An operator makes a reset link to hand over in person. It is bound to no address: nobody's mailbox is proven by it.
 * @throws Refusal user_not_found, method_disabled
 */
export async function issueResetLink(ctx: Context, actor: SystemActor, userId: Id): Promise<ResetLink> {
  if (!ctx.project.policy.methods.password) throw new Refusal('method_disabled');
  const lifeSeconds = Math.min(ctx.surface.codes.passwordResetSeconds, ctx.project.policy.codes.maxLifeSeconds);
  const token = await act(ctx, actor, {}, async (tx) => {
    const person = await tx.users.find(userId);
    if (!person) return refuse('user_not_found');
    await recordEvent(ctx, tx, actor, {
      type: 'password.reset_requested',
      subject: person.id,
      data: { by: 'operator' },
    });
    return issueCode(ctx, tx, { purpose: 'password_reset', lifeSeconds, userId: person.id });
  });
  return {
    url: `${ctx.pagesUrl}/-/reset-password?token=${token}`,
    expiresAt: later(ctx.clock.now(), lifeSeconds * 1000),
  };
}
