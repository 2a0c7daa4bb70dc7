import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Email } from '../users/user.ts';
import { insertMember, isFull, joinedMeanwhile } from './add-member.ts';
import { defaultGrants } from './default-grants.ts';
import type { Invitation } from './invitation.ts';
import type { Member } from './membership.ts';
import { findInvitation, recipientAddress, refuseClosed, refuseRestricted } from './recipient.ts';
import type { OrganizationActor } from './standing.ts';

export interface Accepting {
  /** The invitation's id or the mailed code. */
  readonly handle: string;
  /** Who joins, where a server asks. */
  readonly userId?: Id;
  /** The session works in the organization from now on. */
  readonly makeActive: boolean;
}

/**
 * The recipient joins. What stands against it leaves the invitation open.
 * @throws Refusal invitation_not_found (unknown, expired, decided), invitation_not_yours,
 *   invitation_needs_verified_email, already_a_member, membership_limit_reached, user_restricted, user_not_found
 */
export async function acceptInvitation(
  ctx: Context,
  actor: OrganizationActor,
  input: Accepting,
): Promise<{ readonly invitation: Invitation; readonly member: Member }> {
  const userId = actor.kind === 'user' ? actor.live.user.id : input.userId;
  if (userId === undefined) throw new Refusal('user_not_found');
  const outcome = await act(ctx, actor, {}, async (tx, me) => {
    const now = ctx.clock.now();
    const person = await tx.users.find(userId);
    if (!person) return refuse('user_not_found');
    const restricted = refuseRestricted(ctx, person);
    if (restricted) return restricted;
    const found = await findInvitation(ctx, tx, input.handle);
    if (found instanceof Refusal) return found;
    const { invitation } = found;
    const closed = refuseClosed(invitation, now);
    if (closed) return closed;
    const email = await recipientAddress(ctx, tx, userId, found);
    if (email instanceof Refusal) return email;
    const unproven = email.verifiedAt === null ? me.refuseChange('address_proven') : null;
    if (unproven) return unproven;

    const { organizationId } = invitation;
    if (!(await tx.organizations.lock(organizationId))) return refuse('invitation_not_found');
    const already = await tx.memberships.findOf(organizationId, userId);
    if (already && !ctx.surface.organizations.membersMayAccept) return refuse('already_a_member');
    if (!already && (await isFull(ctx, tx, organizationId))) return refuse('membership_limit_reached');
    if (!(await tx.invitations.decide(invitation.id, 'accepted', userId, now))) {
      return refuse('invitation_not_found', { field: 'used' });
    }
    await proveAddress(ctx, tx, actor, email);
    const member = already ?? (await join(ctx, tx, actor, invitation, userId));
    const teams = await joinTeams(ctx, tx, userId, invitation);
    if (input.makeActive && actor.kind === 'user') {
      const teamId = teams.length === 1 ? teams[0]! : null;
      await tx.sessions.setActive(actor.live.session.id, organizationId, teamId, now);
    }
    return { invitation: { ...invitation, state: 'accepted' as const }, member };
  }).catch(joinedMeanwhile);
  return settle(outcome);
}

/** Whoever shows the mailed code reads the mailbox. */
async function proveAddress(ctx: Context, tx: Tx, actor: OrganizationActor, email: Email): Promise<void> {
  if (email.verifiedAt !== null) return;
  await tx.emails.markVerified(email.id, email.normal, 'invitation', ctx.clock.now());
  await recordEvent(ctx, tx, actor, { type: 'email.verified', subject: email.userId, data: { by: 'invitation' } });
}

async function join(
  ctx: Context,
  tx: Tx,
  actor: OrganizationActor,
  invitation: Invitation,
  userId: Id,
): Promise<Member> {
  const { organizationId, inviterId } = invitation;
  const known = await tx.organizationRoles.named(
    organizationId,
    invitation.roles.map(({ key }) => key),
  );
  // A role deleted since is not given, nor is a new one under its name. Whoever is left with none gets what members get.
  const kept = invitation.roles.filter((role) => known.some(({ id }) => id === role.id)).map(({ id }) => id);
  const grants = kept.length > 0 ? kept : await defaultGrants(ctx, tx, organizationId, 'member');
  await recordEvent(ctx, tx, actor, {
    type: 'organization.invitation_accepted',
    subject: userId,
    organizationId,
    data: { invitation_id: invitation.id },
  });
  return insertMember(ctx, tx, actor, { organizationId, userId, grants, grantedBy: inviterId });
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
