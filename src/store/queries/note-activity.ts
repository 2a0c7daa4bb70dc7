import { sql } from 'kysely';
import type { SessionUse } from '../../core/users/user-store.ts';
import type { WriteScope } from './scope.ts';

/** Rows of one statement; two parameters each, and SQLite takes 32,766 in all. */
const chunk = 500;

/**
 * Moves `last_active_at` of those whose own sessions were used: an administrator in somebody's name is not them. Caches
 * keep what they have: nothing is decided by it.
 */
export async function noteActivity(
  { db, projectId }: WriteScope,
  uses: readonly SessionUse[],
  stepMs: number,
): Promise<void> {
  for (let start = 0; start < uses.length; start += chunk) {
    const values = sql.join(uses.slice(start, start + chunk).map(({ id, at }) => sql`(${id}, cast(${at} as bigint))`));
    await sql`with seen (id, at) as (values ${values}),
      active (user_id, at) as (
        select s.user_id, max(seen.at) from seen join session s on s.id = seen.id
         where s.project_id = ${projectId} and s.impersonator_id is null group by s.user_id)
      update "user" set last_active_at = active.at from active
       where "user".id = active.user_id and "user".project_id = ${projectId}
         and coalesce("user".last_active_at, 0) <= active.at - cast(${stepMs} as bigint)`.execute(db);
  }
}
