import { sql } from 'kysely';
import type { EmailReads, EmailWrites } from '../../core/users/user-store.ts';
import { emailFrom } from './person-row.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { bit } from './values.ts';

export function emailReads({ db, projectId }: ReadScope): EmailReads {
  const emails = () => db.selectFrom('email').selectAll().where('project_id', '=', projectId);
  return {
    async find(id) {
      const row = await emails().where('id', '=', id).executeTakeFirst();
      return row ? emailFrom(row) : null;
    },
    async findForAuth(normal) {
      const row = await emails()
        .where('normal', '=', normal)
        .where('used_for_auth', '=', sql.lit(1))
        .executeTakeFirst();
      return row ? emailFrom(row) : null;
    },
    listOf: async (userId) => (await emails().where('user_id', '=', userId).orderBy('id').execute()).map(emailFrom),
    listAll: async () => (await emails().orderBy('id').execute()).map(emailFrom),
  };
}

export function emailWrites({ db, projectId, changes }: WriteScope): EmailWrites {
  return {
    async insert(email) {
      await db
        .insertInto('email')
        .values({
          project_id: projectId,
          id: email.id,
          user_id: email.userId,
          value: email.value,
          normal: email.normal,
          is_primary: bit(email.isPrimary),
          used_for_auth: bit(email.usedForAuth),
          verified_at: email.verifiedAt,
          verified_by: email.verifiedBy,
          created_at: email.createdAt,
          updated_at: email.updatedAt,
        })
        .execute();
      changes.user(email.userId);
    },

    async markVerified(id, normal, by, now) {
      const row = await db
        .updateTable('email')
        // The first proof stays: a second one tells nothing new.
        .set((old) => ({
          verified_by: old.case().when('verified_at', 'is', null).then(by).else(old.ref('verified_by')).end(),
          verified_at: old.fn.coalesce('verified_at', sql<typeof now>`cast(${now} as bigint)`),
          updated_at: now,
        }))
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('normal', '=', normal)
        .returning('user_id')
        .executeTakeFirst();
      if (row) changes.user(row.user_id);
      return row !== undefined;
    },

    async replace(id, change, now) {
      const row = await db
        .updateTable('email')
        .set({
          value: change.value,
          normal: change.normal,
          verified_at: change.verifiedAt,
          verified_by: change.verifiedBy,
          updated_at: now,
        })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .returning('user_id')
        .executeTakeFirst();
      if (row) changes.user(row.user_id);
    },

    async demote(userId, now) {
      await db
        .updateTable('email')
        .set({ is_primary: 0, updated_at: now })
        .where('project_id', '=', projectId)
        .where('user_id', '=', userId)
        .where('is_primary', '=', sql.lit(1))
        .execute();
      changes.user(userId);
    },

    async setUse(id, { isPrimary, usedForAuth }, now) {
      const row = await db
        .updateTable('email')
        .set({
          is_primary: isPrimary === undefined ? undefined : bit(isPrimary),
          used_for_auth: usedForAuth === undefined ? undefined : bit(usedForAuth),
          updated_at: now,
        })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .returning('user_id')
        .executeTakeFirst();
      if (row) changes.user(row.user_id);
    },

    async remove(id) {
      const row = await db
        .deleteFrom('email')
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .returning('user_id')
        .executeTakeFirst();
      if (row) changes.user(row.user_id);
    },
  };
}
