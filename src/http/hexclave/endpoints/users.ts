import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { browseUsers } from '../../../core/users/browse-users.ts';
import { createUser } from '../../../core/users/create-user.ts';
import { deleteUserByAdmin } from '../../../core/users/delete-user.ts';
import { editUser } from '../../../core/users/edit-user.ts';
import { readUser } from '../../../core/users/read-user.ts';
import { json } from '../../kit/answer.ts';
import { rowNumber } from '../../kit/row-number.ts';
import { endpoint } from '../endpoint.ts';
import { imageOf } from '../image-input.ts';
import { booleanText, Fields, OneOf, success, userId, uuid } from '../schemas.ts';
import {
  editOf,
  erasureRefusals,
  metadataOf,
  newUser,
  restrictionOf,
  serverUserEdit,
  signUpOf,
  userRefusals,
} from '../user-input.ts';
import { serverUserSchema, userList, userWire } from '../user-wire.ts';
import { text } from '../wire-error.ts';

const tag = 'Users';
const params = Fields({ user_id: userId() });
const flag = () => Type.Optional(booleanText());
const server = { server: true } as const;

export const listUsers = endpoint('GET /users', {
  needs: 'server',
  operationId: 'listUsers',
  summary: 'Users of the project in the order of sign-up, or of their last activity',
  tag,
  query: Fields({
    team_id: Type.Optional(uuid()),
    limit: Type.Optional(rowNumber(1)),
    cursor: Type.Optional(uuid()),
    order_by: Type.Optional(OneOf('signed_up_at', 'last_active_at')),
    desc: flag(),
    query: Type.Optional(Type.String()),
    include_anonymous: flag(),
    only_anonymous: flag(),
    include_restricted: flag(),
  }),
  replies: {
    200: Type.Object({
      items: Type.Array(serverUserSchema),
      is_paginated: Type.Literal(true),
      pagination: Type.Object({ next_cursor: Type.Union([Type.String(), Type.Null()]) }),
    }),
  },
  refusals: { input_invalid: text(400, 'only_anonymous=true requires include_anonymous=true') },
  async handle(call, me) {
    const { query, ctx } = call;
    const withAnonymous = query.include_anonymous === 'true';
    const only = query.only_anonymous === 'true';
    if (only && !withAnonymous) throw new Refusal('input_invalid');
    const { people, next } = await browseUsers(ctx, me, {
      ...(query.team_id !== undefined && { organizationId: query.team_id }),
      ...(query.query !== undefined && { search: query.query }),
      ...(query.cursor !== undefined && { from: query.cursor }),
      ...(query.limit !== undefined && { limit: query.limit }),
      anonymous: only ? 'only' : withAnonymous ? 'with' : 'without',
      restricted: withAnonymous || query.include_restricted === 'true',
      orderBy: query.order_by === 'last_active_at' ? 'lastActiveAt' : 'signedUpAt',
      descending: query.desc === 'true',
    });
    return json({ items: await userList(ctx, people), is_paginated: true, pagination: { next_cursor: next } });
  },
});

export const createServerUser = endpoint('POST /users', {
  needs: 'server',
  operationId: 'createUser',
  summary: 'Make a user',
  tag,
  body: newUser,
  replies: { 201: serverUserSchema },
  refusals: userRefusals,
  async handle(call, me) {
    const { body, ctx } = call;
    const { profile_image_url: image, totp_secret_base64: totp } = body;
    const person = await createUser(ctx, me, {
      email: body.primary_email ?? null,
      emailVerified: body.primary_email_verified ?? false,
      emailUsedForAuth: body.primary_email_auth_enabled ?? false,
      password: body.password ?? null,
      passwordHash: body.password_hash,
      displayName: body.display_name ?? null,
      username: null,
      ...(image !== undefined && { image: imageOf(call, image) }),
      metadataClient: metadataOf(body.client_metadata) ?? null,
      metadataReadonly: metadataOf(body.client_read_only_metadata) ?? null,
      metadataServer: metadataOf(body.server_metadata) ?? null,
      roles: [],
      emailCodeEnabled: body.otp_auth_enabled ?? false,
      ...(typeof totp === 'string' && { totpSecret: Buffer.from(totp, 'base64') }),
      anonymous: body.is_anonymous ?? false,
      identities: (body.oauth_providers ?? []).map(({ id, account_id, email }) => ({
        provider: id,
        subject: account_id,
        email,
      })),
      restriction: restrictionOf(body),
      signUp: signUpOf(body),
    });
    return json(await userWire(ctx, person, server), 201);
  },
});

export const readServerUser = endpoint('GET /users/:user_id', {
  needs: 'server',
  operationId: 'getUser',
  summary: 'A user',
  tag,
  params,
  replies: { 200: serverUserSchema },
  async handle(call, me) {
    const person = await readUser(call.ctx, me, call.params.user_id);
    return json(await userWire(call.ctx, person, server));
  },
});

export const updateServerUser = endpoint('PATCH /users/:user_id', {
  needs: 'server',
  operationId: 'updateUser',
  summary: 'Change a user',
  tag,
  params,
  body: serverUserEdit,
  replies: { 200: serverUserSchema },
  refusals: userRefusals,
  async handle(call, me) {
    const person = await editUser(call.ctx, me, call.params.user_id, editOf(call, call.body));
    return json(await userWire(call.ctx, person, server));
  },
});

export const deleteServerUser = endpoint('DELETE /users/:user_id', {
  needs: 'server',
  operationId: 'deleteUser',
  summary: 'Erase a user',
  tag,
  params,
  replies: { 200: success },
  refusals: erasureRefusals,
  async handle(call, me) {
    await deleteUserByAdmin(call.ctx, me, call.params.user_id);
    return json({ success: true });
  },
});
