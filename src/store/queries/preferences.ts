import type { PreferenceReads, PreferenceWrites } from '../../core/notifications/preferences.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { bit } from './values.ts';

export const preferenceReads = ({ db, projectId }: ReadScope): PreferenceReads => ({
  async listOf(userId) {
    const rows = await db
      .selectFrom('notification_preference')
      .select(['category_id', 'enabled'])
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .execute();
    return new Map(rows.map((row) => [row.category_id, row.enabled === 1]));
  },
});

export const preferenceWrites = ({ db, projectId }: WriteScope): PreferenceWrites => ({
  async set(userId, categoryId, enabled, now) {
    const change = { enabled: bit(enabled), updated_at: now };
    await db
      .insertInto('notification_preference')
      .values({ project_id: projectId, user_id: userId, category_id: categoryId, created_at: now, ...change })
      .onConflict((known) => known.columns(['user_id', 'category_id']).doUpdateSet(change))
      .execute();
  },
});
