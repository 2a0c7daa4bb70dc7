import { Type } from 'typebox';
import type { OwnerOrServer } from '../../../core/identities/own-identities.ts';
import { grantPermission, revokePermission } from '../../../core/permissions/grant-permission.ts';
import { listGrants } from '../../../core/permissions/list-grants.ts';
import { json } from '../../kit/answer.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { booleanText, Fields, listOf, permissionId, success, userId, uuid } from '../schemas.ts';
import { namesNobody } from '../team-errors.ts';
import { text } from '../wire-error.ts';

const tag = 'Permissions';

const teamPermission = Type.Object({ id: Type.String(), user_id: Type.String(), team_id: Type.String() });
const projectPermission = Type.Object({ id: Type.String(), user_id: Type.String() });

const refusals = {
  not_signed_in: namesNobody,
  self_only: text(
    403,
    'Client can only list permissions for their own user. user_id must be either "me" or the ID of the current user',
  ),
};

/** Clients ask about themselves; servers about anybody or everybody. */
const asked = (call: HexclaveCall, me: OwnerOrServer, userId: string | undefined): string | undefined =>
  me.kind === 'server' ? userId : call.subject(me, userId);

const filters = {
  user_id: Type.Optional(userId()),
  permission_id: Type.Optional(permissionId()),
  recursive: Type.Optional(booleanText()),
};

export const listTeamPermissions = endpoint('GET /team-permissions', {
  needs: 'user_or_server',
  operationId: 'listTeamPermissions',
  summary: 'What users may do in teams',
  tag,
  query: Fields({ team_id: Type.Optional(uuid()), ...filters }),
  replies: { 200: listOf(teamPermission) },
  refusals,
  async handle(call, me) {
    const { team_id, user_id, permission_id, recursive } = call.query;
    const who = asked(call, me, user_id);
    const held = await listGrants(call.ctx, 'organization', {
      ...(team_id !== undefined && { organizationId: team_id }),
      ...(who !== undefined && { userId: who }),
      recursive: recursive === 'true',
    });
    const items = held
      .filter(({ name }) => permission_id === undefined || name === permission_id)
      .map(({ name, userId, organizationId }) => ({ id: name, user_id: userId, team_id: organizationId }));
    return json({ items, is_paginated: false });
  },
});

export const listProjectPermissions = endpoint('GET /project-permissions', {
  needs: 'user_or_server',
  operationId: 'listProjectPermissions',
  summary: 'What users may do over the whole project',
  tag,
  query: Fields(filters),
  replies: { 200: listOf(projectPermission) },
  refusals,
  async handle(call, me) {
    const { user_id, permission_id, recursive } = call.query;
    const who = asked(call, me, user_id);
    const held = await listGrants(call.ctx, 'project', {
      ...(who !== undefined && { userId: who }),
      recursive: recursive === 'true',
    });
    const items = held
      .filter(({ name }) => permission_id === undefined || name === permission_id)
      .map(({ name, userId }) => ({ id: name, user_id: userId }));
    return json({ items, is_paginated: false });
  },
});

const inTeam = Fields({ team_id: uuid(), user_id: userId(), permission_id: permissionId() });
const inProject = Fields({ user_id: userId(), permission_id: permissionId() });

export const grantTeamPermission = endpoint('POST /team-permissions/:team_id/:user_id/:permission_id', {
  needs: 'server',
  operationId: 'grantTeamPermission',
  summary: 'Give a user a permission in a team',
  tag,
  params: inTeam,
  body: Fields({}),
  bodyOptional: true,
  replies: { 201: teamPermission },
  async handle(call, me) {
    const { team_id, user_id, permission_id } = call.params;
    await grantPermission(call.ctx, me, { organizationId: team_id, userId: user_id, name: permission_id });
    return json({ id: permission_id, user_id, team_id }, 201);
  },
});

export const revokeTeamPermission = endpoint('DELETE /team-permissions/:team_id/:user_id/:permission_id', {
  needs: 'server',
  operationId: 'revokeTeamPermission',
  summary: 'Take a permission in a team from a user',
  tag,
  params: inTeam,
  replies: { 200: success },
  async handle(call, me) {
    const { team_id, user_id, permission_id } = call.params;
    await revokePermission(call.ctx, me, { organizationId: team_id, userId: user_id, name: permission_id });
    return json({ success: true });
  },
});

export const grantProjectPermission = endpoint('POST /project-permissions/:user_id/:permission_id', {
  needs: 'server',
  operationId: 'grantProjectPermission',
  summary: 'Give a user a permission over the project',
  tag,
  params: inProject,
  body: Fields({}),
  bodyOptional: true,
  replies: { 201: projectPermission },
  async handle(call, me) {
    const { user_id, permission_id } = call.params;
    await grantPermission(call.ctx, me, { organizationId: null, userId: user_id, name: permission_id });
    return json({ id: permission_id, user_id }, 201);
  },
});

export const revokeProjectPermission = endpoint('DELETE /project-permissions/:user_id/:permission_id', {
  needs: 'server',
  operationId: 'revokeProjectPermission',
  summary: 'Take a permission over the project from a user',
  tag,
  params: inProject,
  replies: { 200: success },
  async handle(call, me) {
    const { user_id, permission_id } = call.params;
    await revokePermission(call.ctx, me, { organizationId: null, userId: user_id, name: permission_id });
    return json({ success: true });
  },
});
