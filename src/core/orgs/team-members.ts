import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { teamOf } from './manage-teams.ts';
import { refuseUnless, standInLocked } from './standing.ts';
import { requireTeams } from './switches.ts';
import type { TeamMember } from './team.ts';

interface WhoWhere {
  readonly organizationId: Id | null;
  readonly teamId: Id;
  readonly userId: Id;
}

/**
 * Puts a member of the organization into one of its teams; whoever is in it stays.
 * @throws Refusal teams_disabled, organization_required, not_a_member (the actor, or the person), organization_permission_denied,
 *   team_not_found
 */
export async function addTeamMember(ctx: Context, actor: UserActor, input: WhoWhere): Promise<TeamMember> {
  requireTeams(ctx);
  const { teamId, userId } = input;
  return act(ctx, actor, {}, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'members.change_role');
    if (denied) return denied;
    const organizationId = standing.organization.id;
    if (!(await tx.memberships.findOf(organizationId, userId))) return refuse('not_a_member');
    const team = await teamOf(tx, organizationId, teamId);
    if (team instanceof Refusal) return team;
    const there = await tx.teams.findMember(teamId, userId);
    if (there) return there;
    const member = { id: ctx.ids.next(), teamId, userId, createdAt: ctx.clock.now() };
    await tx.teams.addMember(member);
    await recordEvent(ctx, tx, actor, {
      type: 'organization.team_member_added',
      subject: userId,
      organizationId,
      data: { team_id: teamId },
    });
    return member;
  });
}

/** @throws Refusal as `addTeamMember`, and not_a_team_member */
export async function removeTeamMember(ctx: Context, actor: UserActor, input: WhoWhere): Promise<void> {
  requireTeams(ctx);
  const { teamId, userId } = input;
  await act(ctx, actor, {}, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'members.remove');
    if (denied) return denied;
    const organizationId = standing.organization.id;
    if (!(await tx.memberships.findOf(organizationId, userId))) return refuse('not_a_member');
    const team = await teamOf(tx, organizationId, teamId);
    if (team instanceof Refusal) return team;
    if (!(await tx.teams.removeMember(teamId, userId))) return refuse('not_a_team_member');
    await tx.sessions.clearActive({ teamId }, userId, ctx.clock.now());
    await recordEvent(ctx, tx, actor, {
      type: 'organization.team_member_removed',
      subject: userId,
      organizationId,
      data: { team_id: teamId },
    });
    return undefined;
  });
}
