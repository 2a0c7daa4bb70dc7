import { Type } from 'typebox';
import { createPermission, removePermission, updatePermission } from '../../../core/permissions/define-permission.ts';
import { listPermissionDefinitions, type PermissionDefinition } from '../../../core/permissions/definitions.ts';
import type { GrantScope } from '../../../core/permissions/grant-graph.ts';
import { json } from '../../kit/answer.ts';
import { rowNumber } from '../../kit/row-number.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, listOf, newPermissionId, permissionId, success } from '../schemas.ts';

const tag = 'Permission definitions';

const definition = Type.Object({
  id: Type.String(),
  description: Type.Optional(Type.String()),
  contained_permission_ids: Type.Array(Type.String()),
});

/** In the words of the original. */
const builtInDescriptions: Readonly<Record<string, string>> = {
  team_admin: 'Default permission for team creators',
  team_member: 'Default permission for team members',
};

const wire = ({ name, description: own, contains, builtIn }: PermissionDefinition) => {
  const description = (builtIn ? builtInDescriptions[name] : undefined) ?? own;
  return {
    id: name,
    ...(description !== null && { description }),
    contained_permission_ids: contains,
  };
};

const contents = Type.Array(permissionId());

/** The same four operations for each scope (spec §4.2). */
function operations<const Name extends 'team' | 'project'>(name: Name, scope: GrantScope) {
  const title = name === 'team' ? 'Team' : 'Project';
  const one = Fields({ permission_id: permissionId() });
  return {
    list: endpoint(`GET /${name}-permission-definitions`, {
      needs: 'server',
      operationId: `list${title}PermissionDefinitions`,
      summary: `Permissions of the ${name}, and what they contain`,
      tag,
      query: Fields({ limit: Type.Optional(rowNumber(1)) }),
      replies: { 200: listOf(definition) },
      async handle(call) {
        const all = await listPermissionDefinitions(call.ctx, scope);
        return json({ items: all.slice(0, call.query.limit).map(wire), is_paginated: false });
      },
    }),

    create: endpoint(`POST /${name}-permission-definitions`, {
      needs: 'admin',
      operationId: `create${title}PermissionDefinition`,
      summary: `Define a permission of the ${name}`,
      tag,
      body: Fields({
        id: newPermissionId(),
        description: Type.Optional(Type.String()),
        contained_permission_ids: Type.Optional(contents),
      }),
      replies: { 201: definition },
      async handle(call, me) {
        const { id, description = null, contained_permission_ids: contains = [] } = call.body;
        return json(wire(await createPermission(call.ctx, me, { scope, name: id, description, contains })), 201);
      },
    }),

    update: endpoint(`PATCH /${name}-permission-definitions/:permission_id`, {
      needs: 'admin',
      operationId: `update${title}PermissionDefinition`,
      summary: `Change a permission of the ${name}`,
      tag,
      params: one,
      body: Fields({
        id: Type.Optional(permissionId()),
        description: Type.Optional(Type.String()),
        contained_permission_ids: Type.Optional(contents),
      }),
      replies: { 200: definition },
      async handle(call, me) {
        const { id, description, contained_permission_ids: contains } = call.body;
        const changed = await updatePermission(call.ctx, me, {
          scope,
          name: call.params.permission_id,
          change: {
            ...(id !== undefined && { name: id }),
            ...(description !== undefined && { description }),
            ...(contains !== undefined && { contains }),
          },
        });
        return json(wire(changed));
      },
    }),

    remove: endpoint(`DELETE /${name}-permission-definitions/:permission_id`, {
      needs: 'admin',
      operationId: `delete${title}PermissionDefinition`,
      summary: `Remove a permission of the ${name}`,
      tag,
      params: one,
      replies: { 200: success },
      async handle(call, me) {
        await removePermission(call.ctx, me, { scope, name: call.params.permission_id });
        return json({ success: true });
      },
    }),
  };
}

const team = operations('team', 'organization');
const project = operations('project', 'project');

export const listTeamDefinitions = team.list;
export const createTeamDefinition = team.create;
export const updateTeamDefinition = team.update;
export const deleteTeamDefinition = team.remove;
export const listProjectDefinitions = project.list;
export const createProjectDefinition = project.create;
export const updateProjectDefinition = project.update;
export const deleteProjectDefinition = project.remove;
