import { type Kysely, type Selectable, sql } from 'kysely';
import type { Email, EmailProof, Person, User } from '../../core/users/user.ts';
import type { Database, EmailRow, UserRow } from '../schema.ts';
import { jsonObject, jsonValue } from './values.ts';

/** Person columns keep their names; those of the primary address start with `e_`. */
const userColumns = [
  'u.id',
  'u.display_name',
  'u.username_normal',
  'u.username_display',
  'u.image_url',
  'u.image_file_id',
  'u.banner_file_id',
  'u.bio',
  'u.metadata_client',
  'u.metadata_readonly',
  'u.metadata_server',
  'u.selected_organization_id',
  'u.email_code_enabled',
  'u.anonymous',
  'u.profile_public',
  'u.banned_at',
  'u.ban_reason',
  'u.ban_expires_at',
  'u.deactivated_at',
  'u.deactivated_by',
  'u.restricted_at',
  'u.restricted_reason',
  'u.restricted_private',
  'u.credentials_changed_at',
  'u.signed_up_at',
  'u.sign_up',
  'u.last_active_at',
  'u.created_at',
  'u.updated_at',
] as const;

const emailColumns = [
  'e.id as e_id',
  'e.value as e_value',
  'e.normal as e_normal',
  'e.used_for_auth as e_used_for_auth',
  'e.verified_at as e_verified_at',
  'e.verified_by as e_verified_by',
  'e.created_at as e_created_at',
  'e.updated_at as e_updated_at',
] as const;

/** Cannot occur in the key of a role. */
const separator = '\u001f';

/** In the order they were given. */
const roles = sql<string | null>`(
  select string_agg(g.key, ${sql.lit(separator)} order by ug.position)
    from user_grant ug join grantable g on g.id = ug.grantable_id
   where ug.user_id = u.id and g.kind = 'role' and g.scope = 'project')`;
export const hasTotp = sql<number>`case when exists (
  select 1 from totp where totp.user_id = u.id and totp.state = 'active') then 1 else 0 end`;
export const hasMailCode = sql<number>`case when exists (
  select 1 from second_factor f where f.user_id = u.id and f.mail_code_enabled = 1) then 1 else 0 end`;

/** Namespace and key of the file that a column points to. */
export const fileKey = (column: string) => sql<string | null>`(
  select f.namespace || '/' || f.key from file f where f.id = ${sql.ref(column)})`;

/** A user with primary address, roles and factors: the one select behind every `Person`. */
export const selectPerson = (db: Kysely<Database>) =>
  db
    .selectFrom('user as u')
    .leftJoin('email as e', (join) => join.onRef('e.user_id', '=', 'u.id').on('e.is_primary', '=', sql.lit(1)))
    .select(userColumns)
    .select(emailColumns)
    .select([roles.as('roles'), hasTotp.as('has_totp'), hasMailCode.as('has_mail_code')])
    .select([fileKey('u.image_file_id').as('image_key'), fileKey('u.banner_file_id').as('banner_key')]);

type UserFields = Pick<
  Selectable<UserRow>,
  (typeof userColumns)[number] extends `u.${infer Name}` ? Name & keyof UserRow : never
>;

export interface PersonRow extends UserFields {
  e_id: string | null;
  e_value: string | null;
  e_normal: string | null;
  e_used_for_auth: number | null;
  e_verified_at: Email['verifiedAt'];
  e_verified_by: string | null;
  e_created_at: Email['createdAt'] | null;
  e_updated_at: Email['updatedAt'] | null;
  roles: string | null;
  has_totp: number;
  has_mail_code: number;
  image_key: string | null;
  banner_key: string | null;
}

export const personFrom = (row: PersonRow): Person => ({
  ...userFrom(row),
  email: primaryEmailFrom(row),
  roles: row.roles === null ? [] : row.roles.split(separator),
  factors: { totp: row.has_totp === 1, mailCode: row.has_mail_code === 1 },
  imageKey: row.image_key,
  bannerKey: row.banner_key,
});

export const userFrom = (row: UserFields): User => ({
  id: row.id,
  displayName: row.display_name,
  usernameNormal: row.username_normal,
  usernameDisplay: row.username_display,
  imageUrl: row.image_url,
  imageFileId: row.image_file_id,
  bannerFileId: row.banner_file_id,
  bio: row.bio,
  metadataClient: jsonValue(row.metadata_client),
  metadataReadonly: jsonValue(row.metadata_readonly),
  metadataServer: jsonValue(row.metadata_server),
  selectedOrganizationId: row.selected_organization_id,
  emailCodeEnabled: row.email_code_enabled === 1,
  anonymous: row.anonymous === 1,
  profilePublic: row.profile_public === 1,
  bannedAt: row.banned_at,
  banReason: row.ban_reason,
  banExpiresAt: row.ban_expires_at,
  deactivatedAt: row.deactivated_at,
  deactivatedBy: row.deactivated_by,
  restrictedAt: row.restricted_at,
  restrictedReason: row.restricted_reason,
  restrictedPrivate: row.restricted_private,
  credentialsChangedAt: row.credentials_changed_at,
  signedUpAt: row.signed_up_at,
  signUp: jsonObject(row.sign_up),
  lastActiveAt: row.last_active_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const primaryEmailFrom = (row: PersonRow): Email | null =>
  row.e_id === null
    ? null
    : {
        id: row.e_id,
        userId: row.id,
        value: row.e_value!,
        normal: row.e_normal!,
        isPrimary: true,
        usedForAuth: row.e_used_for_auth === 1,
        verifiedAt: row.e_verified_at,
        verifiedBy: row.e_verified_by as EmailProof | null,
        createdAt: row.e_created_at!,
        updatedAt: row.e_updated_at!,
      };

export const emailFrom = (row: Selectable<EmailRow>): Email => ({
  id: row.id,
  userId: row.user_id,
  value: row.value,
  normal: row.normal,
  isPrimary: row.is_primary === 1,
  usedForAuth: row.used_for_auth === 1,
  verifiedAt: row.verified_at,
  verifiedBy: row.verified_by as EmailProof | null,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
