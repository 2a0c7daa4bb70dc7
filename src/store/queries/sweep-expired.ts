import type { Kysely } from 'kysely';
import type { Instant } from '../../base/clock.ts';
import type { Database } from '../schema.ts';
import { touched } from './values.ts';

/** Deletes rows that expired before `before`, the oldest first, `limit` at most. Returns how many. */
export async function sweepExpired(
  db: Kysely<Database>,
  table: 'session' | 'pending_sign_in' | 'one_time_value' | 'cli_login',
  projectId: string,
  before: Instant,
  limit: number,
): Promise<number> {
  const expired = db
    .selectFrom(table)
    .select('id')
    .where('project_id', '=', projectId)
    .where('expires_at', '<', before)
    .orderBy('expires_at')
    .limit(limit);
  return touched(await db.deleteFrom(table).where('id', 'in', expired).executeTakeFirst());
}
