import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { checkPermission } from '../../../core/orgs/check-permission.ts';
import { leaveOrganization, removeMember } from '../../../core/orgs/end-membership.ts';
import { listMembers, readMember } from '../../../core/orgs/list-members.ts';
import { filterOperators, type MemberFilter, memberFields } from '../../../core/orgs/membership.ts';
import { setMemberRoles } from '../../../core/orgs/set-member-roles.ts';
import { json } from '../../kit/answer.ts';
import { rowNumber } from '../../kit/row-number.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { memberSchema, organizationId, rolesInput, statementsSchema } from '../organization-schemas.ts';
import { memberWire, rolesOf, rolesOfMember } from '../organization-wire.ts';
import { permissionsOf } from '../permissions.ts';
import { nullable } from '../schemas.ts';
import { whichOf } from './organization.ts';

const tag = 'Organization';
const memberNotFound: WireError = { status: 400, code: 'MEMBER_NOT_FOUND', message: 'Member not found' };
const outsider: WireError = {
  status: 403,
  code: 'YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION',
  message: 'You are not a member of this organization',
};

export const removeMemberEndpoint = endpoint('POST /organization/remove-member', {
  needs: 'user_or_server',
  operationId: 'removeOrganizationMember',
  summary: 'Take somebody out of an organization',
  tag,
  body: Type.Object({ memberIdOrEmail: Type.String(), organizationId }),
  replies: { 200: Type.Object({ member: memberSchema }) },
  refusals: {
    not_a_member: memberNotFound,
    organization_permission_denied: {
      status: 401,
      code: 'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER',
      message: 'You are not allowed to delete this member',
    },
  },
  async handle(call, me) {
    const member = await removeMember(call.ctx, me, {
      organizationId: call.body.organizationId || null,
      member: { idOrAddress: call.body.memberIdOrEmail },
    });
    return json({ member: memberWire(member, call.settings) });
  },
});

export const updateMemberRole = endpoint('POST /organization/update-member-role', {
  needs: 'user_or_server',
  operationId: 'updateOrganizationMemberRole',
  summary: 'Give a member other roles',
  tag,
  body: Type.Object({ memberId: Type.String(), role: rolesInput, organizationId }),
  replies: { 200: memberSchema },
  refusals: {
    not_a_member: memberNotFound,
    organization_permission_denied: {
      status: 403,
      code: 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER',
      message: 'You are not allowed to update this member',
    },
    role_not_found: { status: 400, code: 'ROLE_NOT_FOUND', message: 'Role not found' },
    organization_needs_owner: {
      status: 400,
      code: 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER',
      message: 'You cannot leave the organization without an owner',
    },
  },
  async handle(call, me) {
    const { memberId, role } = call.body;
    const member = await setMemberRoles(call.ctx, me, {
      organizationId: call.body.organizationId || null,
      memberId,
      roles: rolesOf(role),
    });
    return json(memberWire(member, call.settings));
  },
});

export const getActiveMember = endpoint('GET /organization/get-active-member', {
  needs: 'user',
  operationId: 'getActiveOrganizationMember',
  summary: 'The user as a member of the active organization',
  tag,
  replies: { 200: memberSchema },
  refusals: { not_a_member: memberNotFound },
  async handle(call, me) {
    return json(memberWire(await readMember(call.ctx, me, 'active'), call.settings));
  },
});

const whichQuery = { organizationId, organizationSlug: Type.Optional(Type.String()) };

/**
 * To a person, an id that is not there is answered as one of others. A slug is not: whether it is taken, anybody may ask.
 */
function hideOrganization(
  { kind }: { readonly kind: string },
  { organizationSlug }: { readonly organizationSlug?: string },
  error: unknown,
): never {
  const missing = error instanceof Refusal && error.code === 'organization_not_found';
  throw missing && kind === 'user' && !organizationSlug ? new Refusal('not_a_member') : error;
}

export const getActiveMemberRole = endpoint('GET /organization/get-active-member-role', {
  needs: 'user',
  operationId: 'getActiveOrganizationMemberRole',
  summary: 'The roles of a member, the user unless somebody else is named',
  tag,
  query: Type.Object({ ...whichQuery, userId: Type.Optional(Type.String()) }),
  replies: { 200: Type.Object({ role: Type.String() }) },
  refusals: { not_a_member: outsider, member_not_found: outsider, organization_permission_denied: outsider },
  async handle(call, me) {
    const { query } = call;
    const read = readMember(call.ctx, me, whichOf(query), query.userId || null);
    const member = await read.catch((error) => hideOrganization(me, query, error));
    return json({ role: rolesOfMember(member) });
  },
});

const words = <T extends string>(list: readonly T[]) => Type.Union(list.map((word) => Type.Literal(word)));
const number = Type.Optional(rowNumber(0));

const listQuery = Type.Object({
  ...whichQuery,
  limit: number,
  offset: number,
  sortBy: Type.Optional(words(memberFields)),
  sortDirection: Type.Optional(words(['asc', 'desc'])),
  filterField: Type.Optional(words(memberFields)),
  filterOperator: Type.Optional(words(filterOperators)),
  filterValue: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
});

export const listMembersEndpoint = endpoint('GET /organization/list-members', {
  needs: 'user_or_server',
  operationId: 'listOrganizationMembers',
  summary: 'Members of an organization',
  tag,
  query: listQuery,
  replies: { 200: Type.Object({ members: Type.Array(memberSchema), total: Type.Integer() }) },
  refusals: { not_a_member: outsider, organization_permission_denied: outsider },
  async handle(call, me) {
    const { query } = call;
    const filter = filterOf(query);
    const listed = listMembers(call.ctx, me, whichOf(query), {
      ...(query.limit !== undefined && query.limit > 0 && { limit: query.limit }),
      ...(query.offset !== undefined && { offset: query.offset }),
      ...(query.sortBy !== undefined && { sortBy: query.sortBy }),
      descending: query.sortDirection === 'desc',
      ...(filter && { filter }),
    });
    const { members, total } = await listed.catch((error) => hideOrganization(me, query, error));
    return json({ members: members.map((member) => memberWire(member, call.settings)), total });
  },
});

interface FilterQuery {
  readonly filterField?: MemberFilter['field'];
  readonly filterOperator?: MemberFilter['operator'];
  readonly filterValue?: string | readonly string[];
}

function filterOf({ filterField: field, filterOperator: operator = 'eq', filterValue }: FilterQuery) {
  if (field === undefined || filterValue === undefined) return null;
  const texts = typeof filterValue === 'string' ? [filterValue] : filterValue;
  const values = field === 'createdAt' ? texts.map(instant) : texts;
  return { field, operator, values };
}

/** ISO text, or milliseconds. */
function instant(text: string): number {
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isSafeInteger(at)) throw new Refusal('input_invalid', { field: '[query.filterValue] Invalid date' });
  return at;
}

export const leave = endpoint('POST /organization/leave', {
  needs: 'user',
  operationId: 'leaveOrganization',
  summary: 'Leave an organization',
  tag,
  body: Type.Object({ organizationId: Type.String() }),
  replies: { 200: memberSchema },
  refusals: { not_a_member: memberNotFound },
  async handle(call, me) {
    return json(memberWire(await leaveOrganization(call.ctx, me, call.body.organizationId), call.settings));
  },
});

export const hasPermission = endpoint('POST /organization/has-permission', {
  needs: 'user',
  operationId: 'hasOrganizationPermission',
  summary: 'May the user do all of this?',
  tag,
  body: Type.Object({
    permissions: Type.Optional(statementsSchema),
    permission: Type.Optional(statementsSchema),
    organizationId,
  }),
  replies: { 200: Type.Object({ error: nullable(Type.String()), success: Type.Boolean() }) },
  refusals: {
    not_a_member: {
      status: 401,
      code: 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
      message: 'User is not a member of the organization',
    },
  },
  async handle(call, me) {
    const asked = call.body.permissions ?? call.body.permission;
    if (!asked) throw new Refusal('input_invalid', { field: '[body.permissions] Invalid input' });
    const success = await checkPermission(call.ctx, me, {
      organizationId: call.body.organizationId || null,
      permissions: permissionsOf(asked),
    });
    return json({ error: null, success });
  },
});
