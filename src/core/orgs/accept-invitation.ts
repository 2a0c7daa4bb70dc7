import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { Conflict, type Tx } from '../store.ts';
import type { Email } from '../users/user.ts';
import type { Invitation } from './invitation.ts';
import type { Member } from './membership.ts';
import { findInvitation, recipientAddress } from './recipient.ts';
import { memberRole } from './role.ts';

/**
 * The recipient joins, and works in the organization from now on. What stands against it leaves the invitation open.
 * @param handle the invitation's id or the mailed code
 * @throws Refusal invitation_not_found (unknown, expired, decided), invitation_not_yours,
 *   invitation_needs_verified_email, already_a_member, membership_limit_reached
 */
export async function acceptInvitation(
  ctx: Context,
  actor: UserActor,
  handle: string,
): Promise<{ readonly invitation: Invitation; readonly member: Member }> {
  const outcome = await ctx.store
    .transaction(async (tx) => {
      const now = ctx.clock.now();
      const found = await findInvitation(ctx, tx, handle);
      if (found instanceof Refusal) return found;
      const { invitation } = found;
      if (invitation.state !== 'pending' || invitation.expiresAt <= now) return refuse('invitation_not_found');
      const email = await recipientAddress(ctx, tx, actor, found);
      if (email instanceof Refusal) return email;

      const { organizationId } = invitation;
      if (!(await tx.organizations.lock(organizationId))) return refuse('invitation_not_found');
      const { id: userId } = actor.live.user;
      if (await tx.memberships.findOf(organizationId, userId)) return refuse('already_a_member');
      const { membershipLimit } = ctx.project.policy.organizations;
      if (membershipLimit !== null && (await tx.memberships.count(organizationId)) >= membershipLimit) {
        return refuse('membership_limit_reached');
      }
      if (!(await tx.invitations.decide(invitation.id, 'accepted', userId, now))) return refuse('invitation_not_found');
      await proveAddress(ctx, tx, actor, email);
      const member = await join(ctx, tx, actor, invitation);
      const teams = await joinTeams(ctx, tx, userId, invitation);
      await tx.sessions.setActive(actor.live.session.id, organizationId, teams.length === 1 ? teams[0]! : null, now);
      return { invitation: { ...invitation, state: 'accepted' as const }, member };
    })
    .catch(joinedMeanwhile);
  return settle(outcome);
}

/** Whoever shows the mailed code reads the mailbox. */
async function proveAddress(ctx: Context, tx: Tx, actor: UserActor, email: Email): Promise<void> {
  if (email.verifiedAt !== null) return;
  await tx.emails.markVerified(email.id, email.normal, 'invitation', ctx.clock.now());
  await recordEvent(ctx, tx, actor, { type: 'email.verified', subject: email.userId, data: { by: 'invitation' } });
}

async function join(ctx: Context, tx: Tx, actor: UserActor, invitation: Invitation): Promise<Member> {
  const { organizationId, inviterId } = invitation;
  const { id: userId } = actor.live.user;
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  await tx.memberships.insert({ id, organizationId, userId, createdAt: now });
  const keys = [...invitation.roles.map(({ key }) => key), memberRole];
  const known = await tx.organizationRoles.named(organizationId, keys);
  // A role deleted since is not given, nor is a new one under its name. Whoever is left with none is a member.
  const kept = invitation.roles.filter((role) => known.some(({ id: roleId }) => roleId === role.id));
  const given = kept.length > 0 ? kept : known.filter(({ key }) => key === memberRole);
  await tx.memberships.setRoles(
    id,
    given.map((role) => role.id),
    inviterId,
    now,
  );
  await recordEvent(ctx, tx, actor, {
    type: 'organization.invitation_accepted',
    subject: userId,
    organizationId,
    data: { invitation_id: invitation.id },
  });
  await recordEvent(ctx, tx, actor, {
    type: 'organization.member_added',
    subject: userId,
    organizationId,
    data: { roles: given.map(({ key }) => key) },
  });
  return (await tx.memberships.find(id))!;
}

/** Teams that are still there. */
async function joinTeams(ctx: Context, tx: Tx, userId: Id, invitation: Invitation): Promise<readonly Id[]> {
  if (!ctx.project.policy.organizations.teams) return [];
  const joined: Id[] = [];
  for (const teamId of invitation.teamIds) {
    const team = await tx.teams.find(teamId);
    if (team?.organizationId !== invitation.organizationId) continue;
    await tx.teams.addMember({ id: ctx.ids.next(), teamId, userId, createdAt: ctx.clock.now() });
    joined.push(teamId);
  }
  return joined;
}

function joinedMeanwhile(fault: unknown): Refusal {
  if (fault instanceof Conflict && fault.index === 'membership_of_organization') return refuse('already_a_member');
  throw fault;
}
