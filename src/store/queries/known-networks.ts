import type { KnownNetworkReads, KnownNetworkWrites } from '../../core/networks/known-network.ts';
import type { ReadScope, WriteScope } from './scope.ts';

export const knownNetworkReads = ({ db, projectId }: ReadScope): KnownNetworkReads => ({
  async has(userId, networkMac, seenAfter) {
    const row = await db
      .selectFrom('known_network')
      .select('seen_at')
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .where('network_mac', '=', networkMac)
      .where('seen_at', '>', seenAfter)
      .executeTakeFirst();
    return row !== undefined;
  },
});

export const knownNetworkWrites = ({ db, projectId }: WriteScope): KnownNetworkWrites => ({
  async note({ userId, networkMac, now, unlessSeenAfter, kept }) {
    const result = await db
      .insertInto('known_network')
      .values({ project_id: projectId, user_id: userId, network_mac: networkMac, seen_at: now })
      .onConflict((known) =>
        known
          .columns(['project_id', 'user_id', 'network_mac'])
          .doUpdateSet({ seen_at: now })
          .where('known_network.seen_at', '<=', unlessSeenAfter),
      )
      .executeTakeFirst();
    if (Number(result?.numInsertedOrUpdatedRows ?? 0) === 0) return;
    const newest = db
      .selectFrom('known_network')
      .select('network_mac')
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .orderBy('seen_at', 'desc')
      .orderBy('network_mac')
      .limit(kept);
    await db
      .deleteFrom('known_network')
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .where('network_mac', 'not in', newest)
      .execute();
  },

  async forgetAllOf(userId) {
    await db.deleteFrom('known_network').where('project_id', '=', projectId).where('user_id', '=', userId).execute();
  },
});
