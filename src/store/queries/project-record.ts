import { type Selectable, sql } from 'kysely';
import {
  type ConfigLevel,
  type ConfigOverrides,
  configLevels,
  type ProjectPreset,
  type ProjectReads,
  type ProjectRecord,
  type ProjectWrites,
} from '../../core/projects/project-record.ts';
import type { ProjectRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { touchProject } from './touch-project.ts';
import { bit } from './values.ts';

export const projectRecordFrom = (row: Selectable<ProjectRow>): ProjectRecord => ({
  id: row.id,
  key: row.key,
  tenancyId: row.tenancy_id,
  preset: row.preset as ProjectPreset,
  displayName: row.display_name,
  description: row.description,
  logoUrls: row.logo_urls === null ? {} : JSON.parse(row.logo_urls),
  ownerOrganizationId: row.owner_organization_id,
  production: row.production === 1,
  createdAt: row.created_at,
});

export const projectReads = ({ db, projectId }: ReadScope): ProjectReads => ({
  async read() {
    const row = await db.selectFrom('project').selectAll().where('id', '=', projectId).executeTakeFirstOrThrow();
    return projectRecordFrom(row);
  },

  async overrides() {
    const rows = await db
      .selectFrom('project_config')
      .select(['level', 'overrides'])
      .where('project_id', '=', projectId)
      .execute();
    const of = (level: ConfigLevel): ConfigOverrides =>
      JSON.parse(rows.find((row) => row.level === level)?.overrides ?? '{}');
    return Object.fromEntries(configLevels.map((level) => [level, of(level)])) as Record<ConfigLevel, ConfigOverrides>;
  },

  async secrets() {
    const rows = await db
      .selectFrom('project_secret')
      .select(['name', 'value_enc'])
      .where('project_id', '=', projectId)
      .execute();
    return new Map(rows.map(({ name, value_enc }) => [name, value_enc]));
  },
});

export function projectWrites({ db, projectId, changes }: WriteScope): ProjectWrites {
  const touch = (now: ProjectRow['updated_at']) => touchProject({ db, projectId, changes }, now);

  return {
    async update({ displayName, description, logoUrls, ownerOrganizationId, production }, now) {
      const set = {
        ...(displayName !== undefined && { display_name: displayName }),
        ...(description !== undefined && { description }),
        ...(logoUrls !== undefined && { logo_urls: JSON.stringify(logoUrls) }),
        ...(ownerOrganizationId !== undefined && { owner_organization_id: ownerOrganizationId }),
        ...(production !== undefined && { production: bit(production) }),
      };
      if (Object.keys(set).length === 0) return;
      await db.updateTable('project').set(set).where('id', '=', projectId).execute();
      await touch(now);
    },

    async setOverrides(level, overrides, now) {
      const text = JSON.stringify(overrides);
      await db
        .insertInto('project_config')
        .values({ project_id: projectId, level, overrides: text, version: 1, created_at: now, updated_at: now })
        .onConflict((on) =>
          on.columns(['project_id', 'level']).doUpdateSet({
            overrides: text,
            version: sql`project_config.version + 1`,
            updated_at: now,
          }),
        )
        .execute();
      await touch(now);
    },

    async setSecret(name, sealed, now) {
      if (sealed === null) {
        await db.deleteFrom('project_secret').where('project_id', '=', projectId).where('name', '=', name).execute();
      } else {
        await db
          .insertInto('project_secret')
          .values({ project_id: projectId, name, value_enc: sealed, created_at: now, updated_at: now })
          .onConflict((on) => on.columns(['project_id', 'name']).doUpdateSet({ value_enc: sealed, updated_at: now }))
          .execute();
      }
      await touch(now);
    },

    async end(now) {
      await db.updateTable('project').set({ deleted_at: now }).where('id', '=', projectId).execute();
      await touch(now);
    },
  };
}
