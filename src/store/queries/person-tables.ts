import type { Database } from '../schema.ts';

/**
 * Every table that belongs to a person, and the column that says to whom, in the order in which foreign keys allow
 * deletion. Used by erasure; a test compares it with the schema, so that a table added later cannot be forgotten.
 */
export const personTables: readonly (readonly [table: keyof Database, column: string])[] = [
  ['backup_code', 'user_id'],
  ['second_factor', 'user_id'],
  ['totp_step', 'user_id'],
  ['totp', 'user_id'],
  ['device', 'user_id'],
  ['passkey', 'user_id'],
  ['identity', 'user_id'],
  ['password', 'user_id'],
  ['one_time_value', 'user_id'],
  ['pending_sign_in', 'user_id'],
  ['session', 'impersonator_id'], // what they opened as somebody else ends with them
  ['session', 'user_id'],
  ['user_grant', 'user_id'],
  ['api_key', 'owner_user_id'],
  ['team_member', 'user_id'],
  ['membership', 'user_id'],
  ['file', 'user_id'],
  ['profile_search', 'user_id'],
  ['notification_preference', 'user_id'],
  ['known_network', 'user_id'],
  ['email', 'user_id'],
];
