import { sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import { LostRace } from '../../core/store.ts';
import type { UserReads, UserWrites } from '../../core/users/user-store.ts';
import { browseUsers } from './browse-users.ts';
import { credentialsOf } from './credentials.ts';
import { eraseUser } from './erase-user.ts';
import { releaseImages } from './files.ts';
import { noteActivity } from './note-activity.ts';
import { personFrom, selectPerson } from './person-row.ts';
import { changesIndex, indexProfile } from './profile-index.ts';
import { replaceRoles } from './roles.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { userChangeColumns, userColumns } from './user-columns.ts';
import { userPage } from './user-page.ts';
import { touched } from './values.ts';

export function userReads(scope: ReadScope): UserReads {
  const { db, projectId } = scope;
  const people = () => selectPerson(db).where('u.project_id', '=', projectId);
  return {
    async find(id) {
      const row = await people().where('u.id', '=', id).executeTakeFirst();
      return row ? personFrom(row) : null;
    },

    async findMany(ids) {
      if (ids.length === 0) return [];
      const rows = await people().where('u.id', 'in', ids).execute();
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.flatMap((id) => {
        const row = byId.get(id);
        return row ? [personFrom(row)] : [];
      });
    },

    async findByUsername(normal) {
      const row = await people().where('u.username_normal', '=', normal).executeTakeFirst();
      return row ? personFrom(row) : null;
    },

    async listByIdStart(start) {
      // A full stop comes after the hyphen, and before every digit.
      const end = `${start.slice(0, -1)}.`;
      const rows = await people().where('u.id', '>=', start).where('u.id', '<', end).limit(100).execute();
      return rows.map(personFrom);
    },

    async findByAuthEmail(normal) {
      const owner = db
        .selectFrom('email as a')
        .select('a.user_id')
        .where('a.project_id', '=', projectId)
        .where('a.normal', '=', normal)
        .where('a.used_for_auth', '=', sql.lit(1));
      const row = await people().where('u.id', '=', owner).executeTakeFirst();
      return row ? personFrom(row) : null;
    },

    async usernameTaken(normal, now, exceptUserId) {
      const owner = await db
        .selectFrom('user')
        .select('id')
        .where('project_id', '=', projectId)
        .where('username_normal', '=', normal)
        .executeTakeFirst();
      if (owner) return owner.id !== exceptUserId;
      const hold = await db
        .selectFrom('username_hold')
        .select('normal')
        .where('project_id', '=', projectId)
        .where('normal', '=', normal)
        .where((is) => is.or([is('until', 'is', null), is('until', '>', now)]))
        .executeTakeFirst();
      return hold !== undefined;
    },

    async list({ search, limit, after }) {
      let page = people().orderBy('u.id').limit(limit);
      if (after !== undefined) page = page.where('u.id', '>', after);
      if (search !== undefined && search !== '') page = page.where(matches(search));
      return (await page.execute()).map(personFrom);
    },

    page: (query) => userPage(scope, query),

    browse: (query) => browseUsers(scope, query),

    credentials: (ids) => credentialsOf(scope, ids),

    async count() {
      const row = await db
        .selectFrom('user')
        .select((count) => count.fn.countAll<number>().as('people'))
        .where('project_id', '=', projectId)
        .executeTakeFirstOrThrow();
      return row.people;
    },

    async idleAnonymous(before, { limit }) {
      // The expression and the condition of the index user_by_idleness.
      const found = await sql<{ id: Id }>`select u.id from "user" u
        where u.project_id = ${projectId} and u.anonymous = 1
          and coalesce(u.last_active_at, u.created_at) < ${before}
          and not exists (select 1 from session s where s.user_id = u.id)
        order by coalesce(u.last_active_at, u.created_at), u.id limit ${limit}`.execute(db);
      return found.rows.map(({ id }) => id);
    },
  };
}

const maxSearchLength = 100;

/**
 * Display name, username or any address contains the text. Usernames and addresses are stored in lower case; in display
 * names only ASCII letters match in either case, because that is what both engines fold alike.
 */
function matches(search: string) {
  const text = search
    .slice(0, maxSearchLength)
    .normalize('NFKC')
    .replaceAll(/[\\%_]/g, '\\$&');
  const folded = `%${text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())}%`;
  const normal = `%${text.toLowerCase()}%`;
  return sql<boolean>`(lower(u.display_name) like ${folded} escape '\\'
    or u.username_normal like ${normal} escape '\\'
    or exists (select 1 from email s where s.user_id = u.id and s.normal like ${normal} escape '\\'))`;
}

export function userWrites(scope: WriteScope): UserWrites {
  const { db, projectId, clock, changes, hasRivals } = scope;
  const held = new Set<Id>();

  async function reindex(id: Id): Promise<void> {
    const row = await selectPerson(db).where('u.project_id', '=', projectId).where('u.id', '=', id).executeTakeFirst();
    if (row) await indexProfile(scope, personFrom(row));
  }

  return {
    async hold(id, seen) {
      if (!hasRivals || held.has(id)) return;
      const now = await db
        .selectFrom('user')
        .select(['credentials_changed_at', 'banned_at', 'deactivated_at'])
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .forNoKeyUpdate()
        .executeTakeFirst();
      held.add(id);
      const same =
        now?.credentials_changed_at === seen?.credentialsChangedAt &&
        now?.banned_at === seen?.bannedAt &&
        now?.deactivated_at === seen?.deactivatedAt;
      if (seen && !same) throw new LostRace();
    },

    async insert(user) {
      await db
        .insertInto('user')
        .values({ project_id: projectId, ...userColumns(user) })
        .execute();
      await indexProfile(scope, user);
    },

    async update(id, change, now) {
      await releaseImages(scope, id, change);
      await db
        .updateTable('user')
        .set({ ...userChangeColumns(change), updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .execute();
      if (changesIndex(change)) await reindex(id);
      changes.user(id);
    },

    async endAnonymity(id, now) {
      const result = await db
        .updateTable('user')
        .set({ anonymous: 0, signed_up_at: now, credentials_changed_at: now, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('anonymous', '=', sql.lit(1))
        .executeTakeFirst();
      if (touched(result) === 0) return false;
      await reindex(id);
      changes.user(id);
      return true;
    },

    noteActivity: (uses, stepMs) => noteActivity(scope, uses, stepMs),

    async deselect(organizationId, userId, now) {
      let leaving = db
        .updateTable('user')
        .set({ selected_organization_id: null, updated_at: now })
        .where('project_id', '=', projectId)
        .where('selected_organization_id', '=', organizationId);
      if (userId !== null) leaving = leaving.where('id', '=', userId);
      for (const { id } of await leaving.returning('id').execute()) changes.user(id);
    },

    async erase(id) {
      await eraseUser(scope, id);
      changes.user(id);
    },

    async holdUsername(normal, until, reason) {
      const now = clock.now();
      await db
        .insertInto('username_hold')
        .values({ project_id: projectId, normal, until, reason, created_at: now, updated_at: now })
        .onConflict((held) => held.columns(['project_id', 'normal']).doUpdateSet({ until, reason, updated_at: now }))
        .execute();
    },

    async setRoles(id, roles, grantedBy, now) {
      await replaceRoles(scope, id, roles, grantedBy, now);
      changes.user(id);
    },
  };
}
