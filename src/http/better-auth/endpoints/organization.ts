import { Type } from 'typebox';
import type { JsonObject } from '../../../base/json.ts';
import { createOrganization } from '../../../core/orgs/create-organization.ts';
import { deleteOrganization } from '../../../core/orgs/delete-organization.ts';
import {
  checkSlug,
  listOrganizations,
  readFullOrganization,
  readOrganization,
  type WhichOrganization,
} from '../../../core/orgs/read-organization.ts';
import { setActiveOrganization } from '../../../core/orgs/set-active-organization.ts';
import { updateOrganization } from '../../../core/orgs/update-organization.ts';
import { json } from '../../kit/answer.ts';
import { rowNumber } from '../../kit/row-number.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import {
  fullOrganizationSchema,
  memberSchema,
  metadataInput,
  organizationId,
  organizationSchema,
  writtenOrganizationSchema,
} from '../organization-schemas.ts';
import { fullOrganizationWire, memberWire, organizationWire, writtenOrganizationWire } from '../organization-wire.ts';
import { nullable, statusSchema } from '../schemas.ts';
import { imageSource } from '../user-fields.ts';

const tag = 'Organization';
const badLogo: WireError = { status: 400, code: 'VALIDATION_ERROR', message: '[body.logo] Invalid image' };
const notMember: WireError = {
  status: 400,
  code: 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION',
  message: 'User is not a member of the organization',
};

export const create = endpoint('POST /organization/create', {
  needs: 'user_or_server',
  operationId: 'createOrganization',
  summary: 'Found an organization and own it',
  tag,
  body: Type.Object({
    name: Type.String({ minLength: 1 }),
    slug: Type.String({ minLength: 1 }),
    logo: Type.Optional(nullable(Type.String())),
    metadata: Type.Optional(metadataInput),
    keepCurrentActiveOrganization: Type.Optional(Type.Boolean()),
    userId: Type.Optional(Type.String({ description: 'Whose it is, where a service asks; else whoever is signed in' })),
  }),
  replies: {
    200: Type.Intersect([writtenOrganizationSchema, Type.Object({ members: Type.Array(memberSchema) })]),
  },
  refusals: {
    slug_taken: { status: 400, code: 'ORGANIZATION_ALREADY_EXISTS', message: 'Organization already exists' },
    image_invalid: badLogo,
  },
  async handle(call, me) {
    const { name, slug, logo, metadata, keepCurrentActiveOrganization } = call.body;
    const { organization, member } = await createOrganization(call.ctx, me, {
      name,
      slug,
      image: imageSource(logo ?? null),
      metadata: (metadata as JsonObject | undefined) ?? null,
      makeActive: !keepCurrentActiveOrganization,
      ...(call.body.userId !== undefined && { creatorId: call.body.userId }),
    });
    return json({
      ...writtenOrganizationWire(organization, call.settings),
      members: member ? [memberWire(member, call.settings)] : [],
    });
  },
});

export const update = endpoint('POST /organization/update', {
  needs: 'user_or_server',
  operationId: 'updateOrganization',
  summary: 'Change name, slug, logo or metadata',
  tag,
  body: Type.Object({
    data: Type.Object({
      name: Type.Optional(Type.String({ minLength: 1 })),
      slug: Type.Optional(Type.String({ minLength: 1 })),
      logo: Type.Optional(nullable(Type.String())),
      metadata: Type.Optional(metadataInput),
    }),
    organizationId,
  }),
  replies: { 200: writtenOrganizationSchema },
  refusals: {
    organization_required: { status: 400, code: 'ORGANIZATION_NOT_FOUND', message: 'Organization not found' },
    not_a_member: notMember,
    organization_permission_denied: {
      status: 403,
      code: 'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION',
      message: 'You are not allowed to update this organization',
    },
    image_invalid: badLogo,
  },
  async handle(call, me) {
    const { data } = call.body;
    const organization = await updateOrganization(call.ctx, me, {
      organizationId: call.body.organizationId || null,
      edit: {
        ...(data.name !== undefined && { name: data.name }),
        ...(data.slug !== undefined && { slug: data.slug }),
        ...(data.logo !== undefined && { image: imageSource(data.logo) }),
        ...(data.metadata !== undefined && { metadata: data.metadata as JsonObject }),
      },
    });
    return json(writtenOrganizationWire(organization, call.settings));
  },
});

export const remove = endpoint('POST /organization/delete', {
  needs: 'user_or_server',
  operationId: 'deleteOrganization',
  summary: 'Delete an organization',
  tag,
  body: Type.Object({ organizationId: Type.String() }),
  replies: { 200: organizationSchema },
  refusals: {
    not_a_member: notMember,
    organization_permission_denied: {
      status: 403,
      code: 'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION',
      message: 'You are not allowed to delete this organization',
    },
  },
  async handle(call, me) {
    return json(organizationWire(await deleteOrganization(call.ctx, me, call.body.organizationId), call.settings));
  },
});

interface Named {
  readonly organizationId?: string;
  readonly organizationSlug?: string;
}

/** In queries the slug wins (spec §2.9). */
export const whichOf = ({ organizationId: id, organizationSlug: slug }: Named): WhichOrganization =>
  slug ? { slug } : id ? { id } : 'active';

export const setActive = endpoint('POST /organization/set-active', {
  needs: 'user',
  operationId: 'setActiveOrganization',
  summary: 'Choose the organization this session works in',
  tag,
  bodyOptional: true,
  body: Type.Object({
    organizationId: Type.Optional(nullable(Type.String())),
    organizationSlug: Type.Optional(Type.String()),
  }),
  replies: { 200: nullable(fullOrganizationSchema) },
  refusals: { not_a_member: { ...notMember, status: 403 } },
  async handle(call, me) {
    const { organizationId: id, organizationSlug: slug } = call.body;
    // In this body the id wins, and null means none.
    const which = id === null ? null : whichOf(id ? { organizationId: id } : { organizationSlug: slug });
    const organization = await setActiveOrganization(call.ctx, me, which);
    call.sendSession(call.token, me.live.session);
    const full = organization && (await readFullOrganization(call.ctx, me, { id: organization.id }));
    return json(full && fullOrganizationWire(full, call.settings));
  },
});

const whichQuery = { organizationId, organizationSlug: Type.Optional(Type.String()) };

export const getFull = endpoint('GET /organization/get-full-organization', {
  needs: 'user_or_server',
  operationId: 'getFullOrganization',
  summary: 'An organization with members, invitations and teams',
  tag,
  query: Type.Object({ ...whichQuery, membersLimit: Type.Optional(rowNumber(1)) }),
  replies: { 200: nullable(fullOrganizationSchema) },
  async handle(call, me) {
    const { query } = call;
    const full = await readFullOrganization(call.ctx, me, whichOf(query), query.membersLimit);
    return json(full && fullOrganizationWire(full, call.settings));
  },
});

export const get = endpoint('GET /organization/get-organization', {
  needs: 'user_or_server',
  operationId: 'getOrganization',
  summary: 'An organization',
  tag,
  query: Type.Object(whichQuery),
  replies: { 200: nullable(organizationSchema) },
  async handle(call, me) {
    const organization = await readOrganization(call.ctx, me, whichOf(call.query));
    return json(organization && organizationWire(organization, call.settings));
  },
});

export const list = endpoint('GET /organization/list', {
  needs: 'user',
  operationId: 'listOrganizations',
  summary: 'The organizations of the user',
  tag,
  replies: { 200: Type.Array(organizationSchema) },
  async handle(call, me) {
    const organizations = await listOrganizations(call.ctx, me);
    return json(organizations.map((one) => organizationWire(one, call.settings)));
  },
});

export const checkSlugEndpoint = endpoint('POST /organization/check-slug', {
  needs: 'user',
  operationId: 'checkOrganizationSlug',
  summary: 'Is the slug free?',
  tag,
  body: Type.Object({ slug: Type.String() }),
  replies: { 200: statusSchema },
  async handle(call, me) {
    await checkSlug(call.ctx, me, call.body.slug);
    return json({ status: true });
  },
});
