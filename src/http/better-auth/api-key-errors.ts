import type { WireError } from './errors.ts';

const row = (status: number, code: string, message: string): WireError => ({ status, code, message });

/** An organization's key, and somebody who may not touch it (spec §1.4). */
export const notMemberOfKeysOrganization = row(
  403,
  'USER_NOT_MEMBER_OF_ORGANIZATION',
  'You are not a member of the organization that owns this API key.',
);
export const mayNotManageKeys = row(
  403,
  'INSUFFICIENT_API_KEY_PERMISSIONS',
  'You do not have permission to perform this action on organization API keys.',
);
const serverOnly = row(
  400,
  'SERVER_ONLY_PROPERTY',
  "The property you're trying to set can only be set from the server auth instance only.",
);

export const unauthorizedSession = row(401, 'UNAUTHORIZED_SESSION', 'Unauthorized or invalid session');

/** Spec §1.4, API key. */
export const apiKeyErrors = {
  api_keys_disabled: row(404, 'NOT_FOUND', 'Not found'),
  api_key_not_found: row(404, 'KEY_NOT_FOUND', 'API Key not found'),
  api_key_setting_invalid: row(400, 'VALIDATION_ERROR', 'Validation Error'),
  api_key_server_only: serverOnly,
  api_key_rejected: row(401, 'INVALID_API_KEY', 'Invalid API key.'),
  api_key_disabled: row(401, 'KEY_DISABLED', 'API Key is disabled'),
  api_key_expired: row(401, 'KEY_EXPIRED', 'API Key has expired'),
  api_key_exhausted: row(429, 'USAGE_EXCEEDED', 'API Key has reached its usage limit'),
  api_key_rate_limited: row(429, 'RATE_LIMITED', 'Rate limit exceeded.'),
  api_key_cannot_act: row(403, 'API_KEY_CANNOT_ACT', 'This cannot be done with an API key.'),
} satisfies Record<string, WireError>;

export const apiKeyErrorsByField = {
  api_key_setting_invalid: {
    name: row(400, 'INVALID_NAME_LENGTH', 'The name length is either too large or too small.'),
    prefix: row(400, 'INVALID_PREFIX_LENGTH', 'The prefix length is either too large or too small.'),
    expiry_too_small: row(
      400,
      'EXPIRES_IN_IS_TOO_SMALL',
      'The expiresIn is smaller than the predefined minimum value.',
    ),
    expiry_too_large: row(400, 'EXPIRES_IN_IS_TOO_LARGE', 'The expiresIn is larger than the predefined maximum value.'),
    metadata: row(400, 'INVALID_METADATA_TYPE', 'metadata must be an object or undefined'),
    metadata_disabled: row(400, 'METADATA_DISABLED', 'Metadata is disabled.'),
    remaining: row(400, 'INVALID_REMAINING', 'The remaining count is either too large or too small.'),
    refill_amount: row(
      400,
      'REFILL_AMOUNT_AND_INTERVAL_REQUIRED',
      'refillAmount is required when refillInterval is provided',
    ),
    refill_interval: row(
      400,
      'REFILL_INTERVAL_AND_AMOUNT_REQUIRED',
      'refillInterval is required when refillAmount is provided',
    ),
    configuration: row(400, 'NO_DEFAULT_API_KEY_CONFIGURATION_FOUND', 'No default api-key configuration found.'),
    organization: row(400, 'ORGANIZATION_ID_REQUIRED', 'Organization ID is required for organization-owned API keys.'),
  },
  api_key_server_only: { owner: unauthorizedSession },
  api_key_rejected: { short: row(403, 'INVALID_API_KEY', 'Invalid API key.') },
  api_key_cannot_act: {
    owner: row(401, 'INVALID_REFERENCE_ID_FROM_API_KEY', 'The reference id from the API key is invalid.'),
  },
  user_banned: { api_key: row(401, 'USER_BANNED', 'User is banned') },
  user_deactivated: { api_key: row(401, 'USER_BANNED', 'User is banned') },
} satisfies Record<string, Readonly<Record<string, WireError>>>;
