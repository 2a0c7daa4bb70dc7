import { Type } from 'typebox';
import { setPasswordForUser } from '../../../core/passwords/set-password-for-user.ts';
import { banUser as ban, unbanUser as unban } from '../../../core/users/ban-user.ts';
import { createUser as create } from '../../../core/users/create-user.ts';
import { deleteUserByAdmin } from '../../../core/users/delete-user.ts';
import { editUserByAdmin } from '../../../core/users/edit-user-by-admin.ts';
import { readUser } from '../../../core/users/read-user.ts';
import { setUserRoles } from '../../../core/users/set-user-roles.ts';
import { json } from '../../kit/answer.ts';
import { roleNotGrantable } from '../admin-errors.ts';
import { endpoint } from '../endpoint.ts';
import { roleKeys } from '../permission-words.ts';
import { nullable, statusSchema, successSchema, userSchema } from '../schemas.ts';
import { readUserData } from '../user-data.ts';
import { userWire } from '../wire.ts';

const tag = 'Admin';
/** Numbers are taken as their text. */
export const userIdSchema = Type.Union([Type.String({ minLength: 1 }), Type.Number()], { description: 'User id' });
const roleSchema = Type.Union([Type.String(), Type.Array(Type.String())], { description: 'One role or several' });
const dataSchema = Type.Record(Type.String(), Type.Unknown(), { description: 'Further members of the user' });
const userReply = { 200: Type.Object({ user: userSchema }) };

const refusals = {
  email_taken: {
    status: 400,
    code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL',
    message: 'User already exists. Use another email.',
  },
  role_not_grantable: roleNotGrantable,
} as const;

export const setRole = endpoint('POST /admin/set-role', {
  needs: 'user_or_server',
  operationId: 'setRole',
  summary: 'Give a user exactly these roles',
  tag,
  body: Type.Object({ userId: userIdSchema, role: roleSchema }),
  replies: userReply,
  refusals: { role_not_grantable: roleNotGrantable },
  async handle(call, me) {
    const { userId, role } = call.body;
    const person = await setUserRoles(call.ctx, me, { userId: String(userId), roles: roleKeys(role) });
    return json({ user: userWire(person, call.settings) });
  },
});

export const createUser = endpoint('POST /admin/create-user', {
  needs: 'user_or_server',
  operationId: 'createUser',
  summary: 'Create a user without signing them in',
  tag,
  body: Type.Object({
    email: Type.String(),
    password: Type.Optional(Type.String()),
    name: Type.String(),
    role: Type.Optional(roleSchema),
    data: Type.Optional(dataSchema),
  }),
  replies: userReply,
  refusals,
  async handle(call, me) {
    const { body, settings } = call;
    const data = readUserData(body.data ?? {}, settings);
    const banned = data.banned ? { reason: data.banReason ?? null, expiresAt: data.banExpiresAt ?? null } : null;
    const person = await create(call.ctx, me, {
      email: body.email,
      password: body.password || null,
      displayName: body.name,
      username: data.username ?? null,
      ...(data.usernameDisplay !== undefined && { usernameDisplay: data.usernameDisplay }),
      ...(data.image ? { image: data.image } : { imageUrl: data.imageUrl ?? null }),
      metadataClient: data.metadataClient ?? null,
      metadataReadonly: data.metadataReadonly ?? null,
      roles: body.role === undefined ? (data.roles ?? []) : roleKeys(body.role),
      emailVerified: data.emailVerified ?? false,
      ban: banned,
    });
    return json({ user: userWire(person, settings) });
  },
});

export const getUser = endpoint('GET /admin/get-user', {
  needs: 'user_key_or_server',
  fromStore: true,
  operationId: 'getUser',
  summary: 'One user',
  tag,
  query: Type.Object({ id: Type.String() }),
  replies: { 200: userSchema },
  async handle(call, me) {
    const person = await readUser(call.ctx, me, call.query.id);
    return json(userWire(person, call.settings));
  },
});

export const updateUser = endpoint('POST /admin/update-user', {
  needs: 'user_or_server',
  operationId: 'adminUpdateUser',
  summary: 'Change a user: profile, address, roles, ban',
  tag,
  body: Type.Object({ userId: userIdSchema, data: dataSchema }),
  replies: { 200: userSchema },
  refusals: {
    ...refusals,
    nothing_to_change: { status: 400, code: 'NO_DATA_TO_UPDATE', message: 'No data to update' },
  },
  async handle(call, me) {
    const { userId, data } = call.body;
    const edit = readUserData(data, call.settings);
    const person = await editUserByAdmin(call.ctx, me, String(userId), edit);
    return json(userWire(person, call.settings));
  },
});

/** A century: further away is no end at all. */
const longestBanSeconds = 3_155_760_000;

export const banUser = endpoint('POST /admin/ban-user', {
  needs: 'user_or_server',
  operationId: 'banUser',
  summary: 'Keep a user out and end their sessions',
  tag,
  body: Type.Object({
    userId: userIdSchema,
    banReason: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
    banExpiresIn: Type.Optional(
      nullable(Type.Number({ minimum: 0, maximum: longestBanSeconds, description: 'Seconds' })),
    ),
  }),
  replies: userReply,
  async handle(call, me) {
    const { userId, banReason, banExpiresIn } = call.body;
    const person = await ban(call.ctx, me, {
      userId: String(userId),
      reason: banReason || null,
      seconds: banExpiresIn ? Math.ceil(banExpiresIn) : null,
    });
    return json({ user: userWire(person, call.settings) });
  },
});

export const unbanUser = endpoint('POST /admin/unban-user', {
  needs: 'user_or_server',
  operationId: 'unbanUser',
  summary: 'Let a user in again',
  tag,
  body: Type.Object({ userId: userIdSchema }),
  replies: userReply,
  async handle(call, me) {
    const person = await unban(call.ctx, me, String(call.body.userId));
    return json({ user: userWire(person, call.settings) });
  },
});

export const removeUser = endpoint('POST /admin/remove-user', {
  needs: 'user_or_server',
  operationId: 'removeUser',
  summary: 'Erase a user',
  tag,
  body: Type.Object({ userId: userIdSchema }),
  replies: { 200: successSchema },
  refusals: {
    organization_needs_owner: {
      status: 400,
      code: 'YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER',
      message: 'The user is the only owner of an organization with other members',
    },
  },
  async handle(call, me) {
    await deleteUserByAdmin(call.ctx, me, String(call.body.userId));
    return json({ success: true });
  },
});

export const setUserPassword = endpoint('POST /admin/set-user-password', {
  needs: 'user_or_server',
  operationId: 'setUserPassword',
  summary: 'Set the password of a user and end their sessions',
  tag,
  body: Type.Object({ newPassword: Type.String({ minLength: 1 }), userId: userIdSchema }),
  replies: { 200: statusSchema },
  async handle(call, me) {
    const { userId, newPassword } = call.body;
    await setPasswordForUser(call.ctx, me, { userId: String(userId), password: newPassword });
    return json({ status: true });
  },
});
