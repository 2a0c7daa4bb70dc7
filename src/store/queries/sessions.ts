import { sql } from 'kysely';
import type { SessionReads, SessionWrites } from '../../core/sessions/session-store.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { liveSessionFrom, sessionColumns, sessionFrom } from './session-row.ts';
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
        .set({ second_factor: factor, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .execute();
      changes.session(id);
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
      let ending = db.deleteFrom('session').where('project_id', '=', projectId).where('user_id', '=', userId);
      if (exceptId !== undefined) ending = ending.where('id', '!=', exceptId);
      const rows = await ending.returning('id').execute();
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
        for (const { id } of chunk) changes.sessionUse(id);
      }
    },

    // Nothing to drop from caches: an entry that expired is refused by its own expiry.
    async sweep(before, limit) {
      const expired = db
        .selectFrom('session')
        .select('id')
        .where('project_id', '=', projectId)
        .where('expires_at', '<', before)
        .orderBy('expires_at')
        .limit(limit);
      return touched(await db.deleteFrom('session').where('id', 'in', expired).executeTakeFirst());
    },
  };
}
