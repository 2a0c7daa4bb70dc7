import { sql } from 'kysely';
import type { SessionReads, SessionWrites } from '../../core/sessions/session-store.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { liveSessionFrom, selectLiveSession, sessionColumns, sessionFrom } from './session-row.ts';
import { touched } from './values.ts';

export function sessionReads({ db, projectId, liveSession }: ReadScope): SessionReads {
  const sessions = () => db.selectFrom('session').selectAll().where('project_id', '=', projectId);
  return {
    async findByTokenHash(hash) {
      const row = await liveSession(hash, projectId);
      return row ? liveSessionFrom(row) : null;
    },

    async find(id) {
      const row = await sessions().where('id', '=', id).executeTakeFirst();
      return row ? sessionFrom(row) : null;
    },

    async findLive(id) {
      const row = await selectLiveSession(db)
        .where('s.id', '=', id)
        .where('s.project_id', '=', projectId)
        .executeTakeFirst();
      return row ? liveSessionFrom(row) : null;
    },

    async listOf(userId, now) {
      const rows = await sessions()
        .where('user_id', '=', userId)
        .where('expires_at', '>', now)
        .where('ends_at', '>', now)
        .orderBy('id')
        .execute();
      return rows.map(sessionFrom);
    },
  };
}

/** At once: a person who has more was signed in before there was a bound, and signs in again. */
const mostEnded = 1_000;

/** Rows of one statement; two parameters each, and SQLite takes 32,766 in all. */
const touchChunk = 500;

export function sessionWrites({ db, projectId, changes }: WriteScope): SessionWrites {
  return {
    async insert(session) {
      await db
        .insertInto('session')
        .values({ project_id: projectId, ...sessionColumns(session) })
        .execute();
    },

    async extend(id, seenExpiry, expiresAt, now) {
      const result = await db
        .updateTable('session')
        .set({ expires_at: expiresAt, last_used_at: now, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('expires_at', '=', seenExpiry)
        .executeTakeFirst();
      changes.session(id);
      return touched(result) === 1;
    },

    async rotate(id, tokenHash, now) {
      const result = await db
        .updateTable('session')
        .set({ token_hash: tokenHash, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .executeTakeFirst();
      changes.session(id);
      return touched(result) === 1;
    },

    async setSecondFactor(id, factor, now) {
      await db
        .updateTable('session')
        .set({ second_factor: factor, second_factor_at: now, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .execute();
      changes.session(id);
    },

    async setActive(id, organizationId, teamId, now) {
      await db
        .updateTable('session')
        .set({ active_organization_id: organizationId, active_team_id: teamId, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .execute();
      changes.session(id);
    },

    async clearActive(left, userId, now) {
      let leaving = db
        .updateTable('session')
        .set({
          active_team_id: null,
          updated_at: now,
          ...('organizationId' in left && { active_organization_id: null }),
        })
        .where('project_id', '=', projectId);
      leaving =
        'organizationId' in left
          ? leaving.where('active_organization_id', '=', left.organizationId)
          : leaving.where('active_team_id', '=', left.teamId);
      if (userId !== null) leaving = leaving.where('user_id', '=', userId);
      for (const { id } of await leaving.returning('id').execute()) changes.session(id);
    },

    async end(id) {
      const result = await db
        .deleteFrom('session')
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .executeTakeFirst();
      changes.session(id);
      return touched(result) === 1;
    },

    async endAllOf(userId, exceptId) {
      let ending = db
        .deleteFrom('session')
        .where('project_id', '=', projectId)
        .where((is) => is.or([is('user_id', '=', userId), is('impersonator_id', '=', userId)]));
      if (exceptId !== undefined) ending = ending.where('id', '!=', exceptId);
      const rows = await ending.returning(['id', 'user_id']).execute();
      for (const { id } of rows) changes.session(id);
      const own = rows.filter(({ user_id }) => user_id === userId);
      return own.map(({ id }) => id).sort();
    },

    async endImpersonationsBy(userId) {
      const rows = await db
        .deleteFrom('session')
        .where('project_id', '=', projectId)
        .where('impersonator_id', '=', userId)
        .returning('id')
        .execute();
      for (const { id } of rows) changes.session(id);
      return rows.map(({ id }) => id).sort();
    },

    async endOldest(userId, which, keep) {
      const oldest = db
        .selectFrom('session')
        .select('id')
        .where('project_id', '=', projectId)
        .where('user_id', '=', userId)
        .where('method', which === 'own' ? '!=' : '=', 'impersonation')
        .orderBy('last_used_at', 'desc')
        .orderBy('id', 'desc')
        .limit(mostEnded)
        .offset(keep);
      const rows = await db.deleteFrom('session').where('id', 'in', oldest).returning('id').execute();
      for (const { id } of rows) changes.session(id);
      return rows.map(({ id }) => id).sort();
    },

    async touch(uses) {
      // In one order everywhere, so that two nodes that touch the same rows do not wait for each other in a circle.
      const ordered = uses.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      for (let start = 0; start < ordered.length; start += touchChunk) {
        const chunk = ordered.slice(start, start + touchChunk);
        const values = sql.join(chunk.map(({ id, at }) => sql`(${id}, cast(${at} as bigint))`));
        await sql`with seen (id, at) as (values ${values})
          update session set last_used_at = seen.at from seen
           where session.id = seen.id and session.project_id = ${projectId} and session.last_used_at < seen.at`.execute(
          db,
        );
        // Caches keep what they have: nothing is decided by `last_used_at`.
      }
    },
  };
}
