import { Type } from 'typebox';
import { listOwnTeams, listTeamMembers, listTeams, listTeamsOf, setActiveTeam } from '../../../core/orgs/list-teams.ts';
import { createTeam, removeTeam, updateTeam } from '../../../core/orgs/manage-teams.ts';
import { requireTeams } from '../../../core/orgs/switches.ts';
import { addTeamMember, removeTeamMember } from '../../../core/orgs/team-members.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { organizationId, teamMemberSchema, teamSchema } from '../organization-schemas.ts';
import { teamMemberWire, teamWire } from '../organization-wire.ts';
import { nullable } from '../schemas.ts';

const tag = 'Organization teams';

const forbidden = (code: string, message: string): WireError => ({ status: 403, code, message });
const notAllowed = (what: string): WireError =>
  forbidden(
    `YOU_ARE_NOT_ALLOWED_TO_${what.toUpperCase().replaceAll(' ', '_')}`,
    `You are not allowed to ${what.toLowerCase()}`,
  );
const notInTeam: WireError = {
  status: 400,
  code: 'USER_IS_NOT_A_MEMBER_OF_THE_TEAM',
  message: 'User is not a member of the team',
};
const notMember: WireError = {
  status: 400,
  code: 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
  message: 'User is not a member of the organization',
};

export const create = endpoint('POST /organization/create-team', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'createOrganizationTeam',
  summary: 'Make a team',
  tag,
  body: Type.Object({ name: Type.String(), organizationId }),
  replies: { 200: teamSchema },
  refusals: {
    // Not the name one expects, but what clients are used to (spec §2.9).
    not_a_member: notAllowed('invite users to this organization'),
    organization_permission_denied: notAllowed('create teams in this organization'),
  },
  async handle(call, me) {
    const { name } = call.body;
    const input = { organizationId: call.body.organizationId || null, name };
    return json(teamWire(await createTeam(call.ctx, me, input)));
  },
});

export const remove = endpoint('POST /organization/remove-team', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'removeOrganizationTeam',
  summary: 'Remove a team',
  tag,
  body: Type.Object({ teamId: Type.String(), organizationId }),
  replies: { 200: Type.Object({ message: Type.String() }) },
  refusals: {
    not_a_member: notAllowed('delete this team'),
    organization_permission_denied: notAllowed('delete teams in this organization'),
  },
  async handle(call, me) {
    const { teamId } = call.body;
    await removeTeam(call.ctx, me, { organizationId: call.body.organizationId || null, teamId });
    return json({ message: 'Team removed successfully.' });
  },
});

export const update = endpoint('POST /organization/update-team', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'updateOrganizationTeam',
  summary: 'Rename a team',
  tag,
  body: Type.Object({
    teamId: Type.String(),
    data: Type.Object({ name: Type.Optional(Type.String()), organizationId }),
  }),
  replies: { 200: teamSchema },
  refusals: {
    not_a_member: notAllowed('update this team'),
    organization_permission_denied: notAllowed('update this team'),
  },
  async handle(call, me) {
    const { teamId, data } = call.body;
    const input = { organizationId: data.organizationId || null, teamId, name: data.name ?? null };
    return json(teamWire(await updateTeam(call.ctx, me, input)));
  },
});

export const list = endpoint('GET /organization/list-teams', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'listOrganizationTeams',
  summary: 'Teams of an organization',
  tag,
  query: Type.Object({ organizationId }),
  replies: { 200: Type.Array(teamSchema) },
  refusals: {
    not_a_member: forbidden(
      'YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION',
      'You are not allowed to access this organization as an owner',
    ),
  },
  async handle(call, me) {
    const teams = await listTeams(call.ctx, me, call.query.organizationId || null);
    return json(teams.map(teamWire));
  },
});

export const setActive = endpoint('POST /organization/set-active-team', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'setActiveTeam',
  summary: 'Choose the team this session works in',
  tag,
  bodyOptional: true,
  body: Type.Object({ teamId: Type.Optional(nullable(Type.String())) }),
  replies: { 200: nullable(teamSchema) },
  async handle(call, me) {
    const { teamId } = call.body;
    const team = await setActiveTeam(call.ctx, me, teamId === null ? null : teamId ? { id: teamId } : 'active');
    call.sendSession(call.token, me.live.session);
    return json(team && teamWire(team));
  },
});

export const listOfUser = endpoint('GET /organization/list-user-teams', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'listUserTeams',
  summary: 'Teams of the user, or of another member',
  tag,
  query: Type.Object({ userId: Type.Optional(Type.String()), organizationId }),
  replies: { 200: Type.Array(teamSchema) },
  refusals: {
    not_a_member: forbidden('YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION', 'You are not a member of this organization'),
    organization_permission_denied: notAllowed('update this member'),
    member_not_found: notMember,
  },
  async handle(call, me) {
    const { userId } = call.query;
    const where = call.query.organizationId || null;
    const teams =
      userId && userId !== me.live.user.id
        ? await listTeamsOf(call.ctx, me, { userId, organizationId: where })
        : await listOwnTeams(call.ctx, me, where);
    return json(teams.map(teamWire));
  },
});

export const listMembers = endpoint('GET /organization/list-team-members', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'listTeamMembers',
  summary: 'Who is in a team',
  tag,
  query: Type.Object({ teamId: Type.Optional(Type.String()) }),
  replies: { 200: Type.Array(teamMemberSchema) },
  refusals: { not_a_team_member: notInTeam },
  async handle(call, me) {
    const members = await listTeamMembers(call.ctx, me, call.query.teamId || null);
    return json(members.map(teamMemberWire));
  },
});

const personBody = Type.Object({ teamId: Type.String(), userId: Type.String(), organizationId });

export const addMember = endpoint('POST /organization/add-team-member', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'addTeamMember',
  summary: 'Put a member into a team',
  tag,
  body: personBody,
  replies: { 200: teamMemberSchema },
  refusals: {
    not_a_member: notMember,
    organization_permission_denied: forbidden(
      'YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER',
      'You are not allowed to create a new member',
    ),
  },
  async handle(call, me) {
    const { teamId, userId } = call.body;
    const input = { organizationId: call.body.organizationId || null, teamId, userId };
    return json(teamMemberWire(await addTeamMember(call.ctx, me, input)));
  },
});

export const removeMember = endpoint('POST /organization/remove-team-member', {
  needs: 'user',
  onlyWith: requireTeams,
  operationId: 'removeTeamMember',
  summary: 'Take a member out of a team',
  tag,
  body: personBody,
  replies: { 200: Type.Object({ message: Type.String() }) },
  refusals: {
    not_a_member: notMember,
    not_a_team_member: notInTeam,
    organization_permission_denied: notAllowed('remove a team member'),
  },
  async handle(call, me) {
    const { teamId, userId } = call.body;
    const input = { organizationId: call.body.organizationId || null, teamId, userId };
    await removeTeamMember(call.ctx, me, input);
    return json({ message: 'Team member removed successfully.' });
  },
});
