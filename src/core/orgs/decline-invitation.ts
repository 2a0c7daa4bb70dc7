import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { actorUserId, type UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Invitation } from './invitation.ts';
import { findInvitation, recipientAddress } from './recipient.ts';
import { type OrganizationActor, refuseUnless, standIn } from './standing.ts';

/**
 * The recipient says no, also to an invitation that ran out.
 * @throws Refusal invitation_not_found, invitation_not_yours, invitation_needs_verified_email
 */
export async function rejectInvitation(ctx: Context, actor: UserActor, handle: string): Promise<Invitation> {
  return act(ctx, actor, {}, async (tx) => {
    const found = await findInvitation(ctx, tx, handle);
    if (found instanceof Refusal) return found;
    const { invitation } = found;
    if (invitation.state !== 'pending') return refuse('invitation_not_found');
    const email = await recipientAddress(ctx, tx, actor.live.user.id, found);
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
  });
}

/**
 * The organization takes an invitation back. Doing it again changes nothing.
 * @param input.organizationId when given, the organization whose invitation it must be
 * @throws Refusal invitation_not_found (also one that was answered), not_a_member, organization_not_found,
 *   organization_permission_denied
 */
export async function cancelInvitation(
  ctx: Context,
  actor: OrganizationActor,
  input: { readonly handle: string; readonly organizationId?: Id },
): Promise<Invitation> {
  return act(ctx, actor, {}, async (tx) => {
    const found = await findInvitation(ctx, tx, input.handle);
    const organizationId = input.organizationId ?? (found instanceof Refusal ? null : found.invitation.organizationId);
    if (organizationId === null) return found as Refusal;
    const standing = await standIn(tx, actor, organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'invitations.cancel');
    if (denied) return denied;
    if (found instanceof Refusal) return found;
    const { invitation } = found;
    if (invitation.organizationId !== organizationId) return refuse('invitation_not_found');
    if (invitation.state === 'canceled') return invitation;
    if (!(await tx.invitations.decide(invitation.id, 'canceled', actorUserId(actor), ctx.clock.now()))) {
      return refuse('invitation_not_found');
    }
    await recordEvent(ctx, tx, actor, {
      type: 'organization.invitation_canceled',
      subject: null,
      organizationId,
      data: { invitation_id: invitation.id },
    });
    return { ...invitation, state: 'canceled' as const };
  });
}
