import type { Id } from '../../base/ids.ts';
import type { Credentials } from '../../core/users/user-details.ts';
import type { ReadScope } from './scope.ts';

/** Ids of one statement: SQLite takes 32,766 parameters. */
const chunk = 1_000;

export async function credentialsOf(
  { db, projectId }: ReadScope,
  ids: readonly Id[],
): Promise<ReadonlyMap<Id, Credentials>> {
  const found = new Map<Id, { password: boolean; passkey: boolean; identities: Credentials['identities'][number][] }>();
  const of = (id: Id) => {
    const known = found.get(id) ?? { password: false, passkey: false, identities: [] };
    found.set(id, known);
    return known;
  };
  for (let start = 0; start < ids.length; start += chunk) {
    const some = ids.slice(start, start + chunk);
    const own = (table: 'password' | 'passkey') =>
      db.selectFrom(table).select('user_id').where('project_id', '=', projectId).where('user_id', 'in', some).execute();
    for (const { user_id } of await own('password')) of(user_id).password = true;
    for (const { user_id } of await own('passkey')) of(user_id).passkey = true;
    const identities = await db
      .selectFrom('identity')
      .select(['user_id', 'provider', 'subject', 'email'])
      .where('project_id', '=', projectId)
      .where('user_id', 'in', some)
      .orderBy('id')
      .execute();
    for (const { user_id, provider, subject, email } of identities) {
      of(user_id).identities.push({ provider, subject, email });
    }
  }
  return found;
}
