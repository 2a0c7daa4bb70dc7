import type { Instant } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import type { UserEdit } from '../../core/users/edit-user-by-admin.ts';
import { fieldsByAdmin } from './additional-fields.ts';
import { roleKeys } from './permission-words.ts';
import type { BetterAuthSettings } from './settings.ts';
import { pictureOf, textOrNone } from './user-fields.ts';

type Data = Readonly<Record<string, unknown>>;

function wrongType(field: string, expected: string, value: unknown): Refusal {
  const received = value === null ? 'null' : typeof value;
  return new Refusal('input_invalid', {
    field: `[body.data.${field}] Invalid input: expected ${expected}, received ${received}`,
  });
}

function text(data: Data, field: string): string | undefined {
  const value = data[field];
  if (value !== undefined && typeof value !== 'string') throw wrongType(field, 'string', value);
  return value;
}

function textOrNull(data: Data, field: string): string | null | undefined {
  return data[field] === null ? null : text(data, field);
}

/** As long as at the ban itself. */
const maxReason = 1_000;

function shortTextOrNull(data: Data, field: string): string | null | undefined {
  const value = textOrNull(data, field);
  if (value && value.length > maxReason) {
    throw new Refusal('input_invalid', {
      field: `[body.data.${field}] Too big: expected string to have <=${maxReason} characters`,
    });
  }
  return value;
}

function truth(data: Data, field: string): boolean | undefined {
  const value = data[field];
  if (value !== undefined && typeof value !== 'boolean') throw wrongType(field, 'boolean', value);
  return value;
}

function time(data: Data, field: string): Instant | null | undefined {
  const value = data[field];
  if (value === undefined || value === null) return value;
  const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isSafeInteger(at)) throw wrongType(field, 'date', value);
  return at as Instant;
}

function roles(data: Data): string[] | undefined {
  const { role } = data;
  if (role === undefined) return undefined;
  const named = typeof role === 'string' || (Array.isArray(role) && role.every((part) => typeof part === 'string'));
  if (!named) throw new Refusal('field_not_allowed', { field: 'data.role' });
  return roleKeys(role as string | string[]);
}

/**
 * The `data` of create-user and update-user: members this server knows, the rest ignored.
 * @throws Refusal field_not_allowed (`data.password`, `data.id`, `data.role`), input_invalid
 */
export function readUserData(data: Data, settings: Pick<BetterAuthSettings, 'additionalFields'>): UserEdit {
  for (const field of ['password', 'id']) {
    if (data[field] !== undefined) throw new Refusal('field_not_allowed', { field: `data.${field}` });
  }
  const given: UserEdit = {
    displayName: text(data, 'name'),
    ...pictureOf(textOrNull(data, 'image')),
    username: textOrNull(data, 'username'),
    usernameDisplay: textOrNone(textOrNull(data, 'displayUsername')),
    email: text(data, 'email'),
    emailVerified: truth(data, 'emailVerified'),
    roles: roles(data),
    banned: truth(data, 'banned'),
    banReason: shortTextOrNull(data, 'banReason'),
    banExpiresAt: time(data, 'banExpires'),
    ...fieldsByAdmin(data, settings),
  };
  return given;
}
