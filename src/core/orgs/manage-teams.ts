import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { Actor, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../count-limits.ts';
import type { Tx } from '../store.ts';
import type { Organization } from './organization.ts';
import { readOrganizationName } from './organization-rules.ts';
import { refuseUnless, standIn, standInLocked } from './standing.ts';
import { requireTeams } from './switches.ts';
import type { Team } from './team.ts';

/** @throws Refusal teams_disabled, organization_required, not_a_member, organization_permission_denied, input_invalid */
export async function createTeam(
  ctx: Context,
  actor: UserActor,
  input: { readonly organizationId: Id | null; readonly name: string },
): Promise<Team> {
  requireTeams(ctx);
  const name = readOrganizationName(input.name);
  return act(ctx, actor, {}, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'teams.create');
    if (denied) return denied;
    const tooMany = refuseBeyond('teams', (await tx.teams.listOf(standing.organization.id)).length);
    if (tooMany) return tooMany;
    return addTeam(ctx, tx, actor, standing.organization, name);
  });
}

export async function addTeam(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  { id: organizationId }: Pick<Organization, 'id'>,
  name: string,
): Promise<Team> {
  const now = ctx.clock.now();
  const team: Team = { id: ctx.ids.next(), organizationId, name, memberCount: 0, createdAt: now, updatedAt: now };
  await tx.teams.insert(team);
  await recordEvent(ctx, tx, actor, {
    type: 'organization.team_created',
    subject: null,
    organizationId,
    data: { team_id: team.id, name },
  });
  return team;
}

/** @throws Refusal teams_disabled, organization_required, not_a_member, organization_permission_denied, team_not_found, input_invalid */
export async function updateTeam(
  ctx: Context,
  actor: UserActor,
  input: { readonly organizationId: Id | null; readonly teamId: Id; readonly name: string | null },
): Promise<Team> {
  requireTeams(ctx);
  const name = input.name === null ? null : readOrganizationName(input.name);
  return act(ctx, actor, {}, async (tx) => {
    const standing = await standIn(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'teams.update');
    if (denied) return denied;
    const team = await teamOf(tx, standing.organization.id, input.teamId);
    if (team instanceof Refusal || name === null) return team;
    const now = ctx.clock.now();
    await tx.teams.rename(team.id, name, now);
    await recordEvent(ctx, tx, actor, {
      type: 'organization.team_updated',
      subject: null,
      organizationId: team.organizationId,
      data: { team_id: team.id, name },
    });
    return { ...team, name, updatedAt: now };
  });
}

/**
 * An organization that has teams keeps one, and nobody removes the team they work in.
 * @throws Refusal teams_disabled, organization_required, not_a_member, organization_permission_denied, team_not_found,
 *   team_is_last, team_is_active
 */
export async function removeTeam(
  ctx: Context,
  actor: UserActor,
  input: { readonly organizationId: Id | null; readonly teamId: Id },
): Promise<void> {
  requireTeams(ctx);
  await act(ctx, actor, {}, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'teams.delete');
    if (denied) return denied;
    const organizationId = standing.organization.id;
    const team = await teamOf(tx, organizationId, input.teamId);
    if (team instanceof Refusal) return team;
    if (actor.live.session.activeTeamId === team.id) return refuse('team_is_active');
    if ((await tx.teams.listOf(organizationId)).length <= 1) return refuse('team_is_last');
    const now = ctx.clock.now();
    await tx.invitations.forgetTeam(organizationId, team.id, now);
    await tx.sessions.clearActive({ teamId: team.id }, null, now);
    await tx.teams.remove(team.id);
    await recordEvent(ctx, tx, actor, {
      type: 'organization.team_deleted',
      subject: null,
      organizationId,
      data: { team_id: team.id, name: team.name },
    });
    return undefined;
  });
}

/** Teams of other organizations are not found. @returns team_not_found */
export async function teamOf(tx: Pick<Tx, 'teams'>, organizationId: Id, teamId: Id): Promise<Team | Refusal> {
  const team = await tx.teams.find(teamId);
  return team?.organizationId === organizationId ? team : refuse('team_not_found');
}
