import { type Selectable, sql } from 'kysely';
import type { Organization, OrganizationReads, OrganizationWrites } from '../../core/orgs/organization.ts';
import type { OrganizationRow } from '../schema.ts';
import { releaseFiles } from './files.ts';
import { fileKey } from './person-row.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { jsonValue, jsonValueText, touched } from './values.ts';

const imageKey = fileKey('o.image_file_id').as('image_key');

export function organizationReads({ db, projectId }: ReadScope): OrganizationReads {
  const live = () =>
    db
      .selectFrom('organization as o')
      .selectAll('o')
      .select(imageKey)
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

    async page({ userId, search, descending, from, limit }) {
      const direction = descending ? 'desc' : 'asc';
      let page = live().orderBy('o.created_at', direction).orderBy('o.id', direction);
      if (userId !== undefined) {
        page = page.where('o.id', 'in', (of) =>
          of.selectFrom('membership').select('organization_id').where('user_id', '=', userId),
        );
      }
      if (search !== undefined) {
        const part = `%${search.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
        page = page.where((is) =>
          is.or([is('o.id', '=', search), sql<boolean>`lower(o.name) like ${part} escape '\\'`]),
        );
      }
      if (from !== undefined) {
        const start = db.selectFrom('organization').where('project_id', '=', projectId).where('id', '=', from);
        const compare = sql.raw(descending ? '<=' : '>=');
        page = page.where(
          sql<boolean>`(o.created_at, o.id) ${compare} (${start.select('created_at')}, ${start.select('id')})`,
        );
      }
      if (limit !== undefined) page = page.limit(limit);
      return (await page.execute()).map(organizationFrom);
    },

    async findPersonal(userId) {
      const row = await live().where('o.personal_of_user_id', '=', userId).executeTakeFirst();
      return row ? organizationFrom(row) : null;
    },
  };
}

export function organizationWrites(scope: WriteScope): OrganizationWrites {
  const { db, projectId, changes } = scope;
  const { find } = organizationReads(scope);
  const releaseImage = (id: string) =>
    releaseFiles(scope, sql`select image_file_id from organization where project_id = ${projectId} and id = ${id}`);
  const named = (id: string) =>
    db
      .updateTable('organization')
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null);
  /** Some wires show people with the organization they selected. */
  async function tellThoseWhoSelected(id: string): Promise<void> {
    const people = await db
      .selectFrom('user')
      .select('id')
      .where('project_id', '=', projectId)
      .where('selected_organization_id', '=', id)
      .execute();
    for (const person of people) changes.user(person.id);
  }

  return {
    // An update that changes nothing locks the row on PostgreSQL; on SQLite the transaction is alone anyway.
    async lock(id) {
      const result = await named(id)
        .set((old) => ({ updated_at: old.ref('updated_at') }))
        .executeTakeFirst();
      return touched(result) === 1 ? find(id) : null;
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
          image_file_id: organization.imageFileId,
          personal_of_user_id: organization.personalOfUserId,
          metadata_client: jsonValueText(organization.metadataClient),
          metadata_readonly: jsonValueText(organization.metadataReadonly),
          metadata_server: jsonValueText(organization.metadataServer),
          created_by: organization.createdBy,
          created_at: organization.createdAt,
          updated_at: organization.updatedAt,
        })
        .execute();
    },

    async update(id, change, now) {
      await tellThoseWhoSelected(id);
      if (change.imageFileId !== undefined) await releaseImage(id);
      await named(id)
        .set({
          ...(change.name !== undefined && { name: change.name }),
          ...(change.slug !== undefined && { slug: change.slug }),
          ...(change.slugNormal !== undefined && { slug_normal: change.slugNormal }),
          ...(change.imageUrl !== undefined && { image_url: change.imageUrl }),
          ...(change.imageFileId !== undefined && { image_file_id: change.imageFileId }),
          ...(change.personalOfUserId !== undefined && { personal_of_user_id: change.personalOfUserId }),
          ...(change.metadataClient !== undefined && { metadata_client: jsonValueText(change.metadataClient) }),
          ...(change.metadataReadonly !== undefined && { metadata_readonly: jsonValueText(change.metadataReadonly) }),
          ...(change.metadataServer !== undefined && { metadata_server: jsonValueText(change.metadataServer) }),
          updated_at: now,
        })
        .execute();
    },

    async end(id, now) {
      await releaseImage(id);
      await named(id).set({ deleted_at: now, updated_at: now }).execute();
    },
  };
}

const organizationFrom = (row: Selectable<OrganizationRow> & { image_key: string | null }): Organization => ({
  id: row.id,
  name: row.name,
  slug: row.slug,
  slugNormal: row.slug_normal,
  imageUrl: row.image_url,
  imageFileId: row.image_file_id,
  imageKey: row.image_key,
  personalOfUserId: row.personal_of_user_id,
  metadataClient: jsonValue(row.metadata_client),
  metadataReadonly: jsonValue(row.metadata_readonly),
  metadataServer: jsonValue(row.metadata_server),
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
