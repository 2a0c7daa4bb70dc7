import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { ProjectKey, ProjectKeyKind, ProjectKeyReads, ProjectKeyWrites } from '../../core/projects/project-key.ts';
import type { ProjectKeyRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { touchProject } from './touch-project.ts';

export function projectKeyReads({ db, projectId }: ReadScope): ProjectKeyReads {
  const keys = () => db.selectFrom('project_key').selectAll().where('project_id', '=', projectId);
  return {
    async findByHash(hash) {
      const row = await keys().where('key_hash', '=', hash).executeTakeFirst();
      return row ? keyFrom(row) : null;
    },
    async list() {
      const rows = await keys().orderBy('set_id', 'desc').orderBy('id').execute();
      return rows.map(keyFrom);
    },
  };
}

export const projectKeyWrites = ({ db, projectId, changes }: WriteScope): ProjectKeyWrites => ({
  async insert(key) {
    await db
      .insertInto('project_key')
      .values({
        project_id: projectId,
        id: key.id,
        set_id: key.setId,
        kind: key.kind,
        key_hash: key.keyHash,
        last4: key.last4,
        description: key.description,
        expires_at: key.expiresAt,
        revoked_at: key.revokedAt,
        created_at: key.createdAt,
        updated_at: key.createdAt,
      })
      .execute();
    await touchProject({ db, projectId, changes }, key.createdAt);
  },

  async updateSet(setId, { description, revokedAt }, now) {
    await db
      .updateTable('project_key')
      .set({
        updated_at: now,
        ...(description !== undefined && { description }),
        ...(revokedAt !== undefined && { revoked_at: sql`coalesce(revoked_at, ${revokedAt})` }),
      })
      .where('project_id', '=', projectId)
      .where('set_id', '=', setId)
      .execute();
    await touchProject({ db, projectId, changes }, now);
  },
});

const keyFrom = (row: Selectable<ProjectKeyRow>): ProjectKey => ({
  id: row.id,
  setId: row.set_id,
  kind: row.kind as ProjectKeyKind,
  keyHash: row.key_hash,
  last4: row.last4,
  description: row.description,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  createdAt: row.created_at,
});
