import { type Selectable, sql, type Updateable } from 'kysely';
import type { Identity, IdentityChange, IdentityReads, IdentityWrites } from '../../core/identities/identity.ts';
import type { IdentityRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { bit, jsonObject, jsonText } from './values.ts';

export function identityReads({ db, projectId }: ReadScope): IdentityReads {
  const identities = () => db.selectFrom('identity').selectAll().where('project_id', '=', projectId);
  return {
    async find(id) {
      const row = await identities().where('id', '=', id).executeTakeFirst();
      return row ? identityFrom(row) : null;
    },
    async findForSignIn(provider, subject) {
      const row = await identities()
        .where('provider', '=', provider)
        .where('subject', '=', subject)
        .where('allow_sign_in', '=', sql.lit(1))
        .executeTakeFirst();
      return row ? identityFrom(row) : null;
    },
    listOf: async (userId) =>
      (await identities().where('user_id', '=', userId).orderBy('id').execute()).map(identityFrom),
    listAll: async () => (await identities().orderBy('id').execute()).map(identityFrom),
  };
}

export function identityWrites({ db, projectId, changes }: WriteScope): IdentityWrites {
  return {
    async insert(identity) {
      await db
        .insertInto('identity')
        .values({
          project_id: projectId,
          id: identity.id,
          user_id: identity.userId,
          provider: identity.provider,
          subject: identity.subject,
          email: identity.email,
          email_verified: bit(identity.emailVerified),
          profile: jsonText(identity.profile),
          allow_sign_in: bit(identity.allowSignIn),
          allow_connect: bit(identity.allowConnect),
          access_token_enc: identity.accessToken,
          refresh_token_enc: identity.refreshToken,
          id_token_enc: identity.idToken,
          access_expires_at: identity.accessExpiresAt,
          refresh_expires_at: identity.refreshExpiresAt,
          scopes: identity.scopes.join(' '),
          last_sign_in_at: identity.lastSignInAt,
          strong_from: identity.strongFrom,
          created_at: identity.createdAt,
          updated_at: identity.updatedAt,
        })
        .execute();
      changes.user(identity.userId);
    },

    async update(id, change, now) {
      const row = await db
        .updateTable('identity')
        .set({ ...changeColumns(change), updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .returning('user_id')
        .executeTakeFirst();
      if (row) changes.user(row.user_id);
    },

    async remove(id) {
      const row = await db
        .deleteFrom('identity')
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .returning('user_id')
        .executeTakeFirst();
      if (row) changes.user(row.user_id);
      return row !== undefined;
    },

    async removeAllOf(userId) {
      await db.deleteFrom('identity').where('project_id', '=', projectId).where('user_id', '=', userId).execute();
      changes.user(userId);
    },
  };
}

/** Absent fields stay undefined, which Kysely leaves out of the statement. */
const changeColumns = (change: IdentityChange): Updateable<IdentityRow> => ({
  provider: change.provider,
  subject: change.subject,
  email: change.email,
  email_verified: change.emailVerified === undefined ? undefined : bit(change.emailVerified),
  profile: change.profile === undefined ? undefined : jsonText(change.profile),
  allow_sign_in: change.allowSignIn === undefined ? undefined : bit(change.allowSignIn),
  allow_connect: change.allowConnect === undefined ? undefined : bit(change.allowConnect),
  access_token_enc: change.accessToken,
  refresh_token_enc: change.refreshToken,
  id_token_enc: change.idToken,
  access_expires_at: change.accessExpiresAt,
  refresh_expires_at: change.refreshExpiresAt,
  scopes: change.scopes?.join(' '),
  last_sign_in_at: change.lastSignInAt,
  strong_from: change.strongFrom,
});

const identityFrom = (row: Selectable<IdentityRow>): Identity => ({
  id: row.id,
  userId: row.user_id,
  provider: row.provider,
  subject: row.subject,
  email: row.email,
  emailVerified: row.email_verified === 1,
  profile: jsonObject(row.profile),
  allowSignIn: row.allow_sign_in === 1,
  allowConnect: row.allow_connect === 1,
  accessToken: row.access_token_enc,
  refreshToken: row.refresh_token_enc,
  idToken: row.id_token_enc,
  accessExpiresAt: row.access_expires_at,
  refreshExpiresAt: row.refresh_expires_at,
  scopes: row.scopes === '' ? [] : row.scopes.split(' '),
  lastSignInAt: row.last_sign_in_at,
  strongFrom: row.strong_from,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
