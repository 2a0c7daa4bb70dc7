import { Type } from 'typebox';
import { addMember } from '../../../core/orgs/add-member.ts';
import { leaveOrganization, removeMember } from '../../../core/orgs/end-membership.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, success, userId, uuid } from '../schemas.ts';

const tag = 'Teams';
const member = Fields({ team_id: uuid(), user_id: userId() });

export const addTeamMember = endpoint('POST /team-memberships/:team_id/:user_id', {
  needs: 'server',
  operationId: 'addUserToTeam',
  summary: 'Put a user into a team',
  tag,
  params: member,
  body: Fields({}),
  bodyOptional: true,
  replies: { 201: Type.Object({ team_id: Type.String(), user_id: Type.String() }) },
  async handle(call, me) {
    const { team_id, user_id } = call.params;
    await addMember(call.ctx, me, { organizationId: team_id, userId: user_id });
    return json({ team_id, user_id }, 201);
  },
});

export const removeTeamMember = endpoint('DELETE /team-memberships/:team_id/:user_id', {
  needs: 'user_or_server',
  operationId: 'removeUserFromTeam',
  summary: 'Leave a team, or take somebody out of it',
  tag,
  params: member,
  replies: { 200: success },
  async handle(call, me) {
    const { team_id, user_id } = call.params;
    if (me.kind === 'user' && me.live.user.id === user_id) await leaveOrganization(call.ctx, me, team_id);
    else await removeMember(call.ctx, me, { organizationId: team_id, member: { userId: user_id } });
    return json({ success: true });
  },
});
