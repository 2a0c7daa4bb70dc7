import type { PasswordReads, PasswordWrites } from '../../core/users/user-store.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { touched } from './values.ts';

export const passwordReads = ({ db, projectId }: ReadScope): PasswordReads => ({
  async find(userId) {
    const row = await db
      .selectFrom('password')
      .select(['hash', 'set_at', 'changed_at', 'strong_from'])
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (!row) return null;
    return { userId, hash: row.hash, setAt: row.set_at, changedAt: row.changed_at, strongFrom: row.strong_from };
  },
});

export const passwordWrites = ({ db, projectId, clock, changes }: WriteScope): PasswordWrites => ({
  async set({ userId, hash, setAt, changedAt, strongFrom }) {
    const change = { hash, set_at: setAt, changed_at: changedAt, strong_from: strongFrom, updated_at: changedAt };
    await db
      .insertInto('password')
      .values({ project_id: projectId, user_id: userId, created_at: setAt, ...change })
      .onConflict((known) => known.column('user_id').doUpdateSet(change))
      .execute();
    changes.user(userId);
  },

  async rehash(userId, from, to) {
    const result = await db
      .updateTable('password')
      .set({ hash: to, updated_at: clock.now() })
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .where('hash', '=', from)
      .executeTakeFirst();
    return touched(result) === 1;
  },

  async remove(userId) {
    const result = await db
      .deleteFrom('password')
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    changes.user(userId);
    return touched(result) === 1;
  },
});
