import { Type } from 'typebox';
import { type ApiKey, ownerOf } from '../../core/keys/api-key.ts';

/** A key without its text (spec §2.14). Unset fields are absent. */
export const apiKeyWire = (key: ApiKey) => ({
  ...facts(key),
  value: { last_four: key.last4 },
});

/** A key that was just made, with its text. */
export const newApiKeyWire = (key: ApiKey, text: string) => ({ ...facts(key), value: text });

const facts = (key: ApiKey) => ({
  id: key.id,
  description: key.name ?? '',
  ...(key.expiresAt !== null && { expires_at_millis: key.expiresAt }),
  ...(key.revokedAt !== null && { manually_revoked_at_millis: key.revokedAt }),
  created_at_millis: key.createdAt,
  is_public: key.public,
  ...(ownerOf(key) === 'person'
    ? { type: 'user', user_id: key.ownerUserId }
    : { type: 'team', team_id: key.ownerOrganizationId }),
});

const fields = {
  id: Type.String(),
  description: Type.String(),
  expires_at_millis: Type.Optional(Type.Integer()),
  manually_revoked_at_millis: Type.Optional(Type.Integer()),
  created_at_millis: Type.Integer(),
  is_public: Type.Boolean(),
  type: Type.String(),
  user_id: Type.Optional(Type.String()),
  team_id: Type.Optional(Type.String()),
};

export const apiKeySchema = Type.Object({ ...fields, value: Type.Object({ last_four: Type.String() }) });
export const newApiKeySchema = Type.Object({ ...fields, value: Type.String() });
