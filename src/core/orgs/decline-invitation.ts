import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Invitation } from './invitation.ts';
import { findInvitation, recipientAddress } from './recipient.ts';
import { standIn } from './standing.ts';

/**
 * The recipient says no, also to an invitation that ran out.
 * @throws Refusal invitation_not_found, invitation_not_yours, invitation_needs_verified_email
 */
export async function rejectInvitation(ctx: Context, actor: UserActor, handle: string): Promise<Invitation> {
  return settle(
    await ctx.store.transaction(async (tx) => {
      const found = await findInvitation(ctx, tx, handle);
      if (found instanceof Refusal) return found;
      const { invitation } = found;
      if (invitation.state !== 'pending') return refuse('invitation_not_found');
      const email = await recipientAddress(ctx, tx, actor, found);
      if (email instanceof Refusal) return email;
      const { id: userId } = actor.live.user;
      if (!(await tx.invitations.decide(invitation.id, 'rejected', userId, ctx.clock.now()))) {
        return refuse('invitation_not_found');
      }
      await recordEvent(ctx, tx, actor, {
        type: 'organization.invitation_rejected',
        subject: userId,
        organizationId: invitation.organizationId,
        data: { invitation_id: invitation.id },
      });
      return { ...invitation, state: 'rejected' as const };
    }),
  );
}

/**
 * The organization takes an invitation back. Doing it again changes nothing.
 * @throws Refusal invitation_not_found (also one that was answered), not_a_member, organization_permission_denied
 */
export async function cancelInvitation(ctx: Context, actor: UserActor, handle: string): Promise<Invitation> {
  return settle(
    await ctx.store.transaction(async (tx) => {
      const found = await findInvitation(ctx, tx, handle);
      if (found instanceof Refusal) return found;
      const { invitation } = found;
      const standing = await standIn(tx, actor, invitation.organizationId);
      if (standing instanceof Refusal) return standing;
      if (!standing.may('invitations.cancel')) return refuse('organization_permission_denied');
      if (invitation.state === 'canceled') return invitation;
      if (!(await tx.invitations.decide(invitation.id, 'canceled', actor.live.user.id, ctx.clock.now()))) {
        return refuse('invitation_not_found');
      }
      await recordEvent(ctx, tx, actor, {
        type: 'organization.invitation_canceled',
        subject: null,
        organizationId: invitation.organizationId,
        data: { invitation_id: invitation.id },
      });
      return { ...invitation, state: 'canceled' as const };
    }),
  );
}
