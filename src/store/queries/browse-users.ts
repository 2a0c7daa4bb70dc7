import { sql } from 'kysely';
import type { Person } from '../../core/users/user.ts';
import type { UserBrowse } from '../../core/users/user-query.ts';
import { personFrom, selectPerson } from './person-row.ts';
import type { ReadScope } from './scope.ts';

const maxSearchLength = 256;

const orders = {
  signedUpAt: sql`u.signed_up_at`,
  lastActiveAt: sql`coalesce(u.last_active_at, u.signed_up_at)`,
} as const;

/** By when they signed up: one walk of an index, from where the last part ended. By activity: a sort of the project. */
export async function browseUsers({ db, projectId }: ReadScope, query: UserBrowse): Promise<readonly Person[]> {
  const time = orders[query.orderBy];
  const direction = query.descending ? 'desc' : 'asc';
  let page = selectPerson(db).where('u.project_id', '=', projectId).orderBy(time, direction).orderBy('u.id', direction);
  if (query.anonymous !== 'with') page = page.where('u.anonymous', '=', sql.lit(query.anonymous === 'only' ? 1 : 0));
  if (!query.restricted) page = page.where('u.restricted_at', 'is', null);
  if (!query.restricted && query.mustVerify) page = page.where('e.verified_at', 'is not', null);
  const { organizationId, search, from, limit } = query;
  if (organizationId !== undefined) {
    page = page.where('u.id', 'in', (of) =>
      of.selectFrom('membership').select('user_id').where('organization_id', '=', organizationId),
    );
  }
  if (search !== undefined && search !== '') page = page.where(matches(search));
  if (from !== undefined) {
    const start = db.selectFrom('user as u').where('u.project_id', '=', projectId).where('u.id', '=', from);
    const compare = sql.raw(query.descending ? '<=' : '>=');
    page = page.where(
      sql<boolean>`(${time}, u.id) ${compare} (${start.select(time.as('time'))}, ${start.select('u.id')})`,
    );
  }
  if (limit !== undefined) page = page.limit(limit);
  return (await page.execute()).map(personFrom);
}

/** Stored addresses are lower case; in names only ASCII letters match in either case, which both engines fold alike. */
function matches(search: string) {
  const text = search.slice(0, maxSearchLength).normalize('NFKC');
  const escaped = text.replaceAll(/[\\%_]/g, '\\$&');
  const folded = `%${escaped.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())}%`;
  const normal = `%${escaped.toLowerCase()}%`;
  return sql<boolean>`(u.id = ${text.toLowerCase()}
    or lower(u.display_name) like ${folded} escape '\\'
    or exists (select 1 from email s where s.user_id = u.id and s.normal like ${normal} escape '\\'))`;
}
