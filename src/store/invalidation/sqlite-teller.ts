import { sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { foreignWritesKey } from '../sqlite/foreign-writes.ts';
import type { InvalidationBus } from './bus.ts';

/**
 * For a process that writes to the file of a running server: what it changed and the word of it commit together.
 * It tells and never listens, so it must not keep a cache for longer than a command runs.
 */
export const sqliteTeller = (clock: Clock): InvalidationBus => ({
  attach: (_projectId, audience) => audience.setEnabled(false),
  detach: () => {},
  async beforeCommit(trx) {
    const now = clock.now();
    await trx
      .insertInto('instance')
      .values({ key: foreignWritesKey, value: '1', created_at: now, updated_at: now })
      .onConflict((known) =>
        known.column('key').doUpdateSet({
          value: sql<string>`cast(cast(instance.value as integer) + 1 as text)`,
          updated_at: now,
        }),
      )
      .execute();
  },
  afterCommit: async () => {},
  start: async () => {},
  close: async () => {},
});
