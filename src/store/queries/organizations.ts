import type { Selectable } from 'kysely';
import type { Organization, OrganizationReads, OrganizationWrites } from '../../core/orgs/organization.ts';
import type { OrganizationRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { jsonObject, jsonText } from './values.ts';

export function organizationReads({ db, projectId }: ReadScope): OrganizationReads {
  const live = () =>
    db
      .selectFrom('organization as o')
      .selectAll('o')
      .where('o.project_id', '=', projectId)
      .where('o.deleted_at', 'is', null);
  return {
    async find(id) {
      const row = await live().where('o.id', '=', id).executeTakeFirst();
      return row ? organizationFrom(row) : null;
    },

    async findBySlug(normal) {
      const row = await live().where('o.slug_normal', '=', normal).executeTakeFirst();
      return row ? organizationFrom(row) : null;
    },

    async listOf(userId) {
      const rows = await live()
        .innerJoin('membership as m', 'm.organization_id', 'o.id')
        .where('m.user_id', '=', userId)
        .orderBy('m.id')
        .execute();
      return rows.map(organizationFrom);
    },
  };
}

export function organizationWrites({ db, projectId }: WriteScope): OrganizationWrites {
  const named = (id: string) =>
    db
      .updateTable('organization')
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null);
  return {
    // An update that changes nothing locks the row on PostgreSQL; on SQLite the transaction is alone anyway.
    async lock(id) {
      const row = await named(id)
        .set((old) => ({ updated_at: old.ref('updated_at') }))
        .returningAll()
        .executeTakeFirst();
      return row ? organizationFrom(row) : null;
    },

    async countLocked(userId) {
      await db
        .updateTable('user')
        .set((old) => ({ updated_at: old.ref('updated_at') }))
        .where('project_id', '=', projectId)
        .where('id', '=', userId)
        .execute();
      const row = await db
        .selectFrom('membership as m')
        .innerJoin('organization as o', 'o.id', 'm.organization_id')
        .select((count) => count.fn.countAll<number>().as('organizations'))
        .where('m.project_id', '=', projectId)
        .where('m.user_id', '=', userId)
        .where((is) => is.or([is('o.personal_of_user_id', 'is', null), is('o.personal_of_user_id', '!=', userId)]))
        .executeTakeFirstOrThrow();
      return row.organizations;
    },

    async insert(organization) {
      await db
        .insertInto('organization')
        .values({
          project_id: projectId,
          id: organization.id,
          name: organization.name,
          slug: organization.slug,
          slug_normal: organization.slugNormal,
          image_url: organization.imageUrl,
          personal_of_user_id: organization.personalOfUserId,
          metadata_client: jsonText(organization.metadataClient),
          created_by: organization.createdBy,
          created_at: organization.createdAt,
          updated_at: organization.updatedAt,
        })
        .execute();
    },

    async update(id, change, now) {
      await named(id)
        .set({
          ...(change.name !== undefined && { name: change.name }),
          ...(change.slug !== undefined && { slug: change.slug }),
          ...(change.slugNormal !== undefined && { slug_normal: change.slugNormal }),
          ...(change.imageUrl !== undefined && { image_url: change.imageUrl }),
          ...(change.metadataClient !== undefined && { metadata_client: jsonText(change.metadataClient) }),
          updated_at: now,
        })
        .execute();
    },

    async end(id, now) {
      await named(id).set({ deleted_at: now, updated_at: now }).execute();
    },
  };
}

const organizationFrom = (row: Selectable<OrganizationRow>): Organization => ({
  id: row.id,
  name: row.name,
  slug: row.slug,
  slugNormal: row.slug_normal,
  imageUrl: row.image_url,
  personalOfUserId: row.personal_of_user_id,
  metadataClient: jsonObject(row.metadata_client),
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
