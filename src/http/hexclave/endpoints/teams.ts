import { Type } from 'typebox';
import type { JsonValue } from '../../../base/json.ts';
import { Refusal } from '../../../base/refusal.ts';
import { createOrganization } from '../../../core/orgs/create-organization.ts';
import { deleteOrganization } from '../../../core/orgs/delete-organization.ts';
import { pageOrganizations, readOrganization } from '../../../core/orgs/read-organization.ts';
import { updateOrganization } from '../../../core/orgs/update-organization.ts';
import { json } from '../../kit/answer.ts';
import { rowNumber } from '../../kit/row-number.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { imageInput, imageOf } from '../image-input.ts';
import { anyJson, booleanText, Fields, OneOf, pageOf, success, userId, uuid } from '../schemas.ts';
import { namesNobody } from '../team-errors.ts';
import { teamSchema, teamWire } from '../team-wire.ts';
import { text } from '../wire-error.ts';

const tag = 'Teams';
const teamId = Fields({ team_id: uuid() });

const wireFor = (call: HexclaveCall) => (organization: Parameters<typeof teamWire>[1]) =>
  teamWire(call.ctx, organization, { server: call.asServer });

const serverFields = {
  client_read_only_metadata: Type.Optional(anyJson()),
  server_metadata: Type.Optional(anyJson()),
};

export const listTeams = endpoint('GET /teams', {
  needs: 'user_or_server',
  operationId: 'listTeams',
  summary: 'Teams of a user; servers also list all',
  tag,
  query: Fields({
    user_id: Type.Optional(userId()),
    order_by: Type.Optional(OneOf('created_at')),
    desc: Type.Optional(booleanText()),
    limit: Type.Optional(rowNumber(1)),
    cursor: Type.Optional(uuid()),
    query: Type.Optional(Type.String()),
  }),
  replies: { 200: pageOf(teamSchema) },
  refusals: {
    not_signed_in: namesNobody,
    self_only: text(
      403,
      'Client can only list teams for their own user. user_id must be either "me" or the ID of the current user',
    ),
  },
  async handle(call, me) {
    const { user_id, desc, limit, cursor, query } = call.query;
    if (cursor !== undefined && limit === undefined) {
      throw new Refusal('input_invalid', { field: 'query.limit must be defined when query.cursor is given' });
    }
    const { organizations, next } = await pageOrganizations(call.ctx, me, {
      ...(user_id !== undefined && { userId: user_id }),
      ...(query !== undefined && query !== '' && { search: query }),
      ...(cursor !== undefined && { from: cursor }),
      ...(limit !== undefined && { limit }),
      descending: desc === 'true',
    });
    return json({
      items: organizations.map(wireFor(call)),
      is_paginated: limit !== undefined,
      ...(limit !== undefined && { pagination: { next_cursor: next } }),
    });
  },
});

const teamBody = {
  profile_image_url: imageInput(),
  client_metadata: Type.Optional(anyJson()),
};
const newTeam = { display_name: Type.String(), creator_user_id: Type.Optional(userId()), ...teamBody };

export const createTeam = endpoint('POST /teams', {
  needs: 'user_or_server',
  operationId: 'createTeam',
  summary: 'Make a team',
  tag,
  body: Fields(newTeam),
  serverBody: Fields({ ...newTeam, ...serverFields }),
  replies: { 201: teamSchema },
  refusals: {
    self_only: text(
      403,
      "You cannot create a team as a user that is not yourself. Make sure you set the creator_user_id to 'me'.",
    ),
  },
  async handle(call, me) {
    const { body } = call;
    if (me.kind === 'user') call.subject(me, body.creator_user_id ?? me.live.user.id);
    const { organization } = await createOrganization(call.ctx, me, {
      name: body.display_name,
      slug: null,
      image: imageOf(call, body.profile_image_url ?? null),
      metadata: (body.client_metadata ?? null) as JsonValue,
      metadataReadonly: (body.client_read_only_metadata ?? null) as JsonValue,
      metadataServer: (body.server_metadata ?? null) as JsonValue,
      makeActive: false,
      creatorId: body.creator_user_id ?? null,
    });
    return json(wireFor(call)(organization), 201);
  },
});

export const readTeam = endpoint('GET /teams/:team_id', {
  needs: 'user_or_server',
  operationId: 'getTeam',
  summary: 'One team',
  tag,
  params: teamId,
  replies: { 200: teamSchema },
  async handle(call, me) {
    const organization = await readOrganization(call.ctx, me, { id: call.params.team_id });
    return json(wireFor(call)(organization!));
  },
});

const changes = { display_name: Type.Optional(Type.String()), ...teamBody };

export const updateTeam = endpoint('PATCH /teams/:team_id', {
  needs: 'user_or_server',
  operationId: 'updateTeam',
  summary: 'Change a team',
  tag,
  params: teamId,
  body: Fields(changes),
  serverBody: Fields({ ...changes, ...serverFields }),
  replies: { 200: teamSchema },
  async handle(call, me) {
    const { body } = call;
    const { profile_image_url: image } = body;
    const organization = await updateOrganization(call.ctx, me, {
      organizationId: call.params.team_id,
      edit: {
        ...(body.display_name !== undefined && { name: body.display_name }),
        ...(image !== undefined && { image: imageOf(call, image) }),
        ...(body.client_metadata !== undefined && { metadata: body.client_metadata as JsonValue }),
        ...(body.client_read_only_metadata !== undefined && {
          metadataReadonly: body.client_read_only_metadata as JsonValue,
        }),
        ...(body.server_metadata !== undefined && { metadataServer: body.server_metadata as JsonValue }),
      },
    });
    return json(wireFor(call)(organization));
  },
});

export const deleteTeam = endpoint('DELETE /teams/:team_id', {
  needs: 'user_or_server',
  operationId: 'deleteTeam',
  summary: 'Delete a team',
  tag,
  params: teamId,
  replies: { 200: success },
  async handle(call, me) {
    await deleteOrganization(call.ctx, me, call.params.team_id);
    return json({ success: true });
  },
});
