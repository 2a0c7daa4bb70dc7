import { type TSchema, Type } from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import type { JsonObject } from '../../core/users/user.ts';
import { nullable } from './schemas.ts';
import type { BetterAuthSettings } from './settings.ts';

/** Members of a user that only the server sets (rule 30). */
const serverManaged = ['role', 'banned', 'banReason', 'banExpires', 'twoFactorEnabled'] as const;

/** Fields of the username plugin and the picture, in sign-up and update-user alike. */
export const profileFields = {
  image: Type.Optional(nullable(Type.String())),
  username: Type.Optional(Type.String()),
  displayUsername: Type.Optional(Type.String()),
} satisfies Record<string, TSchema>;

/** @throws Refusal field_not_allowed naming the first server-managed member of the body */
export function refuseServerManaged(body: object): void {
  for (const field of serverManaged) if (field in body) throw new Refusal('field_not_allowed', { field });
}

/**
 * The configured additional fields of a body; unknown members are ignored.
 * @throws Refusal input_invalid for a value of another type than configured
 */
export function additionalFields(
  body: object,
  settings: Pick<BetterAuthSettings, 'additionalFields'>,
): JsonObject | null {
  const found: JsonObject = {};
  for (const [name, type] of Object.entries(settings.additionalFields)) {
    const value = (body as JsonObject)[name];
    if (value === undefined) continue;
    if (value !== null && typeof value !== type) {
      throw new Refusal('input_invalid', {
        field: `[body.${name}] Invalid input: expected ${type}, received ${typeof value}`,
      });
    }
    found[name] = value;
  }
  return Object.keys(found).length === 0 ? null : found;
}
