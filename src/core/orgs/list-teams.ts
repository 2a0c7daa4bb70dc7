import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { teamOf } from './manage-teams.ts';
import { refuseUnless, standIn } from './standing.ts';
import { requireTeams } from './switches.ts';
import type { Team, TeamMember } from './team.ts';

/** @throws Refusal teams_disabled, organization_required, not_a_member */
export async function listTeams(ctx: Context, actor: UserActor, organizationId: Id | null): Promise<readonly Team[]> {
  requireTeams(ctx);
  const { organization } = settle(await standIn(ctx.store.read, actor, organizationId));
  return ctx.store.read.teams.listOf(organization.id);
}

/** The actor's own teams: of every organization, or of the one named. @throws Refusal teams_disabled, not_a_member */
export async function listOwnTeams(
  ctx: Context,
  actor: UserActor,
  organizationId: Id | null,
): Promise<readonly Team[]> {
  requireTeams(ctx);
  if (organizationId !== null) settle(await standIn(ctx.store.read, actor, organizationId));
  const teams = await ctx.store.read.teams.listOfUser(actor.live.user.id);
  return organizationId === null ? teams : teams.filter((team) => team.organizationId === organizationId);
}

/**
 * The teams of somebody else inside one organization.
 * @throws Refusal teams_disabled, organization_required, not_a_member, organization_permission_denied, member_not_found
 */
export async function listTeamsOf(
  ctx: Context,
  actor: UserActor,
  input: { readonly userId: Id; readonly organizationId: Id | null },
): Promise<readonly Team[]> {
  requireTeams(ctx);
  const { read } = ctx.store;
  const standing = settle(await standIn(read, actor, input.organizationId));
  settle(refuseUnless(standing, 'members.change_role'));
  const { id } = standing.organization;
  if (!(await read.memberships.findOf(id, input.userId))) throw new Refusal('member_not_found');
  return (await read.teams.listOfUser(input.userId)).filter((team) => team.organizationId === id);
}

/**
 * Who is in a team, for those who are in it; the active team when none is named.
 * @throws Refusal teams_disabled, team_required, team_not_found, not_a_team_member
 */
export async function listTeamMembers(
  ctx: Context,
  actor: UserActor,
  teamId: Id | null,
): Promise<readonly TeamMember[]> {
  requireTeams(ctx);
  const { teams } = ctx.store.read;
  const id = teamId ?? actor.live.session.activeTeamId;
  if (id === null) throw new Refusal('team_required');
  if (!(await teams.find(id))) throw new Refusal('team_not_found');
  if (!(await teams.findMember(id, actor.live.user.id))) throw new Refusal('not_a_team_member');
  return teams.listMembers(id);
}

/**
 * Which team of the active organization the session works in; null: none.
 * @throws Refusal teams_disabled, organization_required, team_not_found, not_a_team_member
 */
export async function setActiveTeam(
  ctx: Context,
  actor: UserActor,
  which: { readonly id: Id } | 'active' | null,
): Promise<Team | null> {
  requireTeams(ctx);
  const { session, user } = actor.live;
  const { activeOrganizationId, activeTeamId } = session;
  return act(ctx, actor, {}, async (tx) => {
    const now = ctx.clock.now();
    const id = which === 'active' ? activeTeamId : (which?.id ?? null);
    if (id === null) {
      if (which === null && activeTeamId !== null) {
        await tx.sessions.setActive(session.id, activeOrganizationId, null, now);
      }
      return null;
    }
    if (activeOrganizationId === null) return refuse('organization_required');
    await tx.organizations.lock(activeOrganizationId);
    const team = await teamOf(tx, activeOrganizationId, id);
    if (team instanceof Refusal) return team;
    if (!(await tx.teams.findMember(id, user.id))) return refuse('not_a_team_member');
    if (activeTeamId !== id) await tx.sessions.setActive(session.id, activeOrganizationId, id, now);
    return team;
  });
}
