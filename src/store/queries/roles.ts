import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { RoleReads } from '../../core/users/user-store.ts';
import type { ReadScope, WriteScope } from './scope.ts';

const projectRoles = ({ db, projectId }: ReadScope) =>
  db
    .selectFrom('grantable')
    .where('project_id', '=', projectId)
    .where('kind', '=', 'role')
    .where('scope', '=', 'project')
    .where('organization_id', 'is', null);

export const roleReads = (scope: ReadScope): RoleReads => ({
  exists: async (key) =>
    (await projectRoles(scope).select('id').where('key', '=', key).executeTakeFirst()) !== undefined,

  async isHeldByAnother({ roles, userIds, except }, now) {
    if (roles.length === 0 && userIds.length === 0) return false;
    const row = await scope.db
      .selectFrom('user as u')
      .select('u.id')
      .where('u.project_id', '=', scope.projectId)
      .where('u.deactivated_at', 'is', null)
      .$if(except !== null, (people) => people.where('u.id', '<>', except!))
      .where((is) => is.or([is('u.banned_at', 'is', null), is('u.ban_expires_at', '<=', now)]))
      .where((is) =>
        is.or([
          ...(userIds.length > 0 ? [is('u.id', 'in', userIds)] : []),
          ...(roles.length > 0
            ? [
                is.exists(
                  is
                    .selectFrom('user_grant as held')
                    .select('held.user_id')
                    .whereRef('held.user_id', '=', 'u.id')
                    .where('held.grantable_id', 'in', projectRoles(scope).select('id').where('key', 'in', roles)),
                ),
              ]
            : []),
        ]),
      )
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  },
});

/** The person has exactly these project roles afterwards, in this order. Other grants stay. */
export async function replaceRoles(
  scope: WriteScope,
  userId: Id,
  roles: readonly string[],
  grantedBy: Id | null,
  now: Instant,
): Promise<void> {
  const { db, projectId } = scope;
  const known = await projectRoles(scope).select(['id', 'key']).execute();
  await db
    .deleteFrom('user_grant')
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .where('grantable_id', 'in', projectRoles(scope).select('id'))
    .execute();
  const grants = roles.map((key, position) => {
    const grantable = known.find((candidate) => candidate.key === key);
    if (!grantable) throw new Error(`there is no project role ${key}: its existence is asked before it is given`);
    return {
      project_id: projectId,
      user_id: userId,
      grantable_id: grantable.id,
      granted_by: grantedBy,
      position,
      created_at: now,
      updated_at: now,
    };
  });
  if (grants.length > 0) await db.insertInto('user_grant').values(grants).execute();
}
