import type { Insertable, Updateable } from 'kysely';
import type { User, UserChange } from '../../core/users/user.ts';
import type { UserRow } from '../schema.ts';
import { bit, jsonText } from './values.ts';

export const userColumns = (user: User): Omit<Insertable<UserRow>, 'project_id'> => ({
  id: user.id,
  display_name: user.displayName,
  username_normal: user.usernameNormal,
  username_display: user.usernameDisplay,
  image_url: user.imageUrl,
  metadata_client: jsonText(user.metadataClient),
  anonymous: bit(user.anonymous),
  profile_public: bit(user.profilePublic),
  banned_at: user.bannedAt,
  ban_reason: user.banReason,
  ban_expires_at: user.banExpiresAt,
  deactivated_at: user.deactivatedAt,
  deactivated_by: user.deactivatedBy,
  restricted_at: user.restrictedAt,
  restricted_reason: user.restrictedReason,
  credentials_changed_at: user.credentialsChangedAt,
  signed_up_at: user.signedUpAt,
  last_active_at: user.lastActiveAt,
  created_at: user.createdAt,
  updated_at: user.updatedAt,
});

/** Absent fields stay undefined, which Kysely leaves out of the statement. */
export const userChangeColumns = (change: UserChange): Updateable<UserRow> => ({
  display_name: change.displayName,
  username_normal: change.usernameNormal,
  username_display: change.usernameDisplay,
  image_url: change.imageUrl,
  metadata_client: change.metadataClient === undefined ? undefined : jsonText(change.metadataClient),
  anonymous: change.anonymous === undefined ? undefined : bit(change.anonymous),
  profile_public: change.profilePublic === undefined ? undefined : bit(change.profilePublic),
  banned_at: change.bannedAt,
  ban_reason: change.banReason,
  ban_expires_at: change.banExpiresAt,
  deactivated_at: change.deactivatedAt,
  deactivated_by: change.deactivatedBy,
  restricted_at: change.restrictedAt,
  restricted_reason: change.restrictedReason,
  credentials_changed_at: change.credentialsChangedAt,
  signed_up_at: change.signedUpAt,
  last_active_at: change.lastActiveAt,
});
