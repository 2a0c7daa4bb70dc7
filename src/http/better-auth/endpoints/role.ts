import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import {
  createRole,
  deleteRole,
  listRoles,
  readRole,
  updateRole,
  type WhichRole,
} from '../../../core/orgs/manage-roles.ts';
import { requireDynamicRoles } from '../../../core/orgs/switches.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { organizationId, roleSchema, statementsSchema } from '../organization-schemas.ts';
import { roleWire } from '../organization-wire.ts';
import { permissionsOf } from '../permissions.ts';
import { successSchema } from '../schemas.ts';

const tag = 'Organization roles';

const refusals = (action: 'create' | 'update' | 'delete' | 'list' | 'read') => ({
  not_a_member: {
    status: 403,
    code: 'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION',
    message: 'You are not a member of this organization',
  } satisfies WireError,
  organization_permission_denied: {
    status: 403,
    code: `YOU_ARE_NOT_ALLOWED_TO_${action.toUpperCase()}_A_ROLE`,
    message: `You are not allowed to ${action} a role`,
  } satisfies WireError,
  role_not_found: { status: 400, code: 'ROLE_NOT_FOUND', message: 'Role not found' } satisfies WireError,
});

const which = { roleName: Type.Optional(Type.String()), roleId: Type.Optional(Type.String()) };

function whichOf({ roleName, roleId }: { readonly roleName?: string; readonly roleId?: string }): WhichRole {
  if (roleName) return { key: roleName };
  if (roleId) return { id: roleId };
  throw new Refusal('role_not_found');
}

const written = Type.Object({ success: Type.Boolean(), roleData: roleSchema });

export const create = endpoint('POST /organization/create-role', {
  needs: 'user',
  onlyWith: requireDynamicRoles,
  operationId: 'createOrganizationRole',
  summary: 'Make a role for this organization',
  tag,
  body: Type.Object({
    role: Type.String({ minLength: 1 }),
    permission: statementsSchema,
    organizationId,
    additionalFields: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
  replies: { 200: Type.Intersect([written, Type.Object({ statements: statementsSchema })]) },
  refusals: {
    ...refusals('create'),
    organization_required: {
      status: 400,
      code: 'YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE',
      message: 'You must be in an organization to create a role',
    },
  },
  async handle(call, me) {
    const { role, permission } = call.body;
    const made = await createRole(call.ctx, me, {
      organizationId: call.body.organizationId || null,
      key: role,
      permissions: permissionsOf(permission),
    });
    return json({ success: true, roleData: roleWire(made), statements: permission });
  },
});

export const update = endpoint('POST /organization/update-role', {
  needs: 'user',
  onlyWith: requireDynamicRoles,
  operationId: 'updateOrganizationRole',
  summary: 'Rename a role or change what it may do',
  tag,
  body: Type.Object({
    ...which,
    data: Type.Object({
      permission: Type.Optional(statementsSchema),
      roleName: Type.Optional(Type.String({ minLength: 1 })),
    }),
    organizationId,
  }),
  replies: { 200: written },
  refusals: refusals('update'),
  async handle(call, me) {
    const { data } = call.body;
    const role = await updateRole(call.ctx, me, {
      organizationId: call.body.organizationId || null,
      role: whichOf(call.body),
      ...(data.roleName !== undefined && { key: data.roleName }),
      ...(data.permission !== undefined && { permissions: permissionsOf(data.permission) }),
    });
    return json({ success: true, roleData: roleWire(role) });
  },
});

export const remove = endpoint('POST /organization/delete-role', {
  needs: 'user',
  onlyWith: requireDynamicRoles,
  operationId: 'deleteOrganizationRole',
  summary: 'Delete a role that nobody holds',
  tag,
  body: Type.Object({ ...which, organizationId }),
  replies: { 200: successSchema },
  refusals: refusals('delete'),
  async handle(call, me) {
    const input = { organizationId: call.body.organizationId || null, role: whichOf(call.body) };
    await deleteRole(call.ctx, me, input);
    return json({ success: true });
  },
});

export const list = endpoint('GET /organization/list-roles', {
  needs: 'user',
  onlyWith: requireDynamicRoles,
  operationId: 'listOrganizationRoles',
  summary: 'Roles this organization made',
  tag,
  query: Type.Object({ organizationId }),
  replies: { 200: Type.Array(roleSchema) },
  refusals: refusals('list'),
  async handle(call, me) {
    const roles = await listRoles(call.ctx, me, call.query.organizationId || null);
    return json(roles.map(roleWire));
  },
});

export const get = endpoint('GET /organization/get-role', {
  needs: 'user',
  onlyWith: requireDynamicRoles,
  operationId: 'getOrganizationRole',
  summary: 'One role this organization made',
  tag,
  query: Type.Object({ ...which, organizationId }),
  replies: { 200: roleSchema },
  refusals: refusals('read'),
  async handle(call, me) {
    const input = { organizationId: call.query.organizationId || null, role: whichOf(call.query) };
    return json(roleWire(await readRole(call.ctx, me, input)));
  },
});
