import type { WireError } from './errors.ts';

const forbidden = (code: string, message: string): WireError => ({ status: 403, code, message });

/** Which right was missing (spec §1.4). */
export const missingRights: Readonly<Record<string, WireError>> = {
  'users.list': forbidden('YOU_ARE_NOT_ALLOWED_TO_LIST_USERS', 'You are not allowed to list users'),
  'users.read': forbidden('YOU_ARE_NOT_ALLOWED_TO_GET_USER', 'You are not allowed to get user'),
  'users.create': forbidden('YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS', 'You are not allowed to create users'),
  'users.update': forbidden('YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS', 'You are not allowed to update users'),
  'users.set_role': forbidden('YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE', 'You are not allowed to change users role'),
  'users.ban': forbidden('YOU_ARE_NOT_ALLOWED_TO_BAN_USERS', 'You are not allowed to ban users'),
  'users.impersonate': forbidden(
    'YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS',
    'You are not allowed to impersonate users',
  ),
  'users.delete': forbidden('YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS', 'You are not allowed to delete users'),
  'users.set_password': forbidden(
    'YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD',
    'You are not allowed to set users password',
  ),
  'users.set_email': forbidden('YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL', 'You are not allowed to update users email'),
  'sessions.list': forbidden(
    'YOU_ARE_NOT_ALLOWED_TO_LIST_USERS_SESSIONS',
    'You are not allowed to list users sessions',
  ),
  'sessions.revoke': forbidden(
    'YOU_ARE_NOT_ALLOWED_TO_REVOKE_USERS_SESSIONS',
    'You are not allowed to revoke users sessions',
  ),
};

export const roleNotGrantable = missingRights['users.set_role']!;

export const adminErrors = {
  impersonation_forbidden: forbidden('YOU_CANNOT_IMPERSONATE_ADMINS', 'You cannot impersonate admins'),
  not_impersonating: {
    status: 400,
    code: 'YOU_ARE_NOT_IMPERSONATING_ANYONE',
    message: 'You are not impersonating anyone',
  },
} satisfies Record<string, WireError>;

export const adminErrorsByField = {
  permission_denied: missingRights,
  self_forbidden: { ban: { status: 400, code: 'YOU_CANNOT_BAN_YOURSELF', message: 'You cannot ban yourself' } },
  impersonation_forbidden: { nested: missingRights['users.impersonate']! },
  field_not_allowed: {
    'data.password': {
      status: 400,
      code: 'PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER',
      message: 'Password cannot be updated through update-user. Use the set-user-password endpoint instead',
    },
    'data.id': { status: 400, code: 'USER_ID_CANNOT_BE_UPDATED', message: 'User id cannot be updated' },
    'data.role': { status: 400, code: 'INVALID_ROLE_TYPE', message: 'Invalid role type' },
  },
} satisfies Record<string, Readonly<Record<string, WireError>>>;
