import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type {
  FilterOperator,
  Member,
  MemberField,
  MemberFilter,
  MembershipReads,
  MembershipWrites,
} from '../../core/orgs/membership.ts';
import type { Database } from '../schema.ts';
import { releaseFiles } from './files.ts';
import { fileKey } from './person-row.ts';
import type { ReadScope, WriteScope } from './scope.ts';

/** Names of roles in the order in which they were given; no name has a comma in it. */
const roles = sql<string | null>`(
  select string_agg(g.key, ',' order by mg.position)
    from membership_grant mg join grantable g on g.id = mg.grantable_id
   where mg.membership_id = m.id and g.kind = 'role')`;

const isOwner = sql<number>`case when exists (
  select 1 from membership_grant mg join grantable g on g.id = mg.grantable_id
   where mg.membership_id = m.id and g.owner = 1) then 1 else 0 end`;

const selectMember = (db: Kysely<Database>) =>
  db
    .selectFrom('membership as m')
    .innerJoin('user as u', 'u.id', 'm.user_id')
    .leftJoin('email as e', (join) => join.onRef('e.user_id', '=', 'u.id').on('e.is_primary', '=', sql.lit(1)))
    .select(['m.id', 'm.organization_id', 'm.user_id', 'm.created_at'])
    .select(['u.display_name', 'u.image_url', 'e.value as address', fileKey('u.image_file_id').as('image_key')])
    .select(['m.display_name as m_name', 'm.image_url as m_image', fileKey('m.image_file_id').as('m_image_key')])
    .select([roles.as('roles'), isOwner.as('is_owner')]);

interface MemberRow {
  id: Id;
  organization_id: Id;
  user_id: Id;
  created_at: Instant;
  display_name: string | null;
  image_url: string | null;
  image_key: string | null;
  m_name: string | null;
  m_image: string | null;
  m_image_key: string | null;
  address: string | null;
  roles: string | null;
  is_owner: number;
}

const memberFrom = (row: MemberRow): Member => ({
  id: row.id,
  organizationId: row.organization_id,
  userId: row.user_id,
  roles: row.roles === null ? [] : row.roles.split(','),
  owner: row.is_owner === 1,
  person: { displayName: row.display_name, imageUrl: row.image_url, imageKey: row.image_key, email: row.address },
  shown: { displayName: row.m_name, imageUrl: row.m_image, imageKey: row.m_image_key },
  createdAt: row.created_at,
});

export function membershipReads({ db, projectId }: ReadScope): MembershipReads {
  const members = () => selectMember(db).where('m.project_id', '=', projectId);
  const count = () =>
    db
      .selectFrom('membership as m')
      .select((of) => of.fn.countAll<number>().as('members'))
      .where('m.project_id', '=', projectId);
  return {
    async find(id) {
      const row = await members().where('m.id', '=', id).executeTakeFirst();
      return row ? memberFrom(row) : null;
    },

    async findOf(organizationId, userId) {
      const row = await members()
        .where('m.organization_id', '=', organizationId)
        .where('m.user_id', '=', userId)
        .executeTakeFirst();
      return row ? memberFrom(row) : null;
    },

    async findByAddress(organizationId, addressNormal) {
      const owner = db
        .selectFrom('email as a')
        .select('a.user_id')
        .where('a.project_id', '=', projectId)
        .where('a.normal', '=', addressNormal)
        .where('a.used_for_auth', '=', sql.lit(1));
      const row = await members()
        .where('m.organization_id', '=', organizationId)
        .where('m.user_id', '=', owner)
        .executeTakeFirst();
      return row ? memberFrom(row) : null;
    },

    async list(organizationId, { limit, offset = 0, sortBy, descending, filter }) {
      const direction = descending ? 'desc' : 'asc';
      let page = members().where('m.organization_id', '=', organizationId).limit(limit).offset(offset);
      let all = count().where('m.organization_id', '=', organizationId);
      if (filter) {
        page = page.where(matches(filter));
        all = all.where(matches(filter));
      }
      if (sortBy) page = page.orderBy(columns[sortBy], direction);
      const rows = await page.orderBy('m.id', direction).execute();
      return { members: rows.map(memberFrom), total: (await all.executeTakeFirstOrThrow()).members };
    },

    count: async (organizationId) =>
      (await count().where('m.organization_id', '=', organizationId).executeTakeFirstOrThrow()).members,

    countOwners: async (organizationId) =>
      (
        await count()
          .where('m.organization_id', '=', organizationId)
          .where(sql<boolean>`${isOwner} = 1`)
          .executeTakeFirstOrThrow()
      ).members,

    async listAll({ organizationId, userId }) {
      let all = members().innerJoin('organization as o', 'o.id', 'm.organization_id').where('o.deleted_at', 'is', null);
      if (organizationId !== undefined) all = all.where('m.organization_id', '=', organizationId);
      if (userId !== undefined) all = all.where('m.user_id', '=', userId);
      return (await all.orderBy('m.id').execute()).map(memberFrom);
    },

    listOfUser: async (userId) =>
      (await members().where('m.user_id', '=', userId).orderBy('m.id').execute()).map(memberFrom),
  };
}

const columns: Readonly<Record<MemberField, RawBuilder<unknown>>> = {
  id: sql`m.id`,
  userId: sql`m.user_id`,
  organizationId: sql`m.organization_id`,
  role: sql`coalesce(${roles}, 'member')`,
  createdAt: sql`m.created_at`,
};

const comparisons: { readonly [operator in FilterOperator]?: RawBuilder<unknown> } = {
  eq: sql`=`,
  ne: sql`<>`,
  lt: sql`<`,
  lte: sql`<=`,
  gt: sql`>`,
  gte: sql`>=`,
};

const patterns: { readonly [operator in FilterOperator]?: (text: string) => string } = {
  contains: (text) => `%${text}%`,
  starts_with: (text) => `${text}%`,
  ends_with: (text) => `%${text}`,
};

function matches({ field, operator, values }: MemberFilter): RawBuilder<boolean> {
  const column = columns[field];
  const bound = values.map((value) => (field === 'createdAt' ? sql`cast(${Number(value)} as bigint)` : sql`${value}`));
  const comparison = comparisons[operator];
  if (comparison) return sql<boolean>`${column} ${comparison} ${bound[0]}`;
  const pattern = patterns[operator];
  if (pattern) {
    // Engines differ in which letters LIKE folds; lower case on both sides is the same everywhere.
    const text = String(values[0])
      .toLowerCase()
      .replaceAll(/[\\%_]/g, '\\$&');
    return sql<boolean>`lower(cast(${column} as text)) like ${pattern(text)} escape '\\'`;
  }
  if (bound.length === 0) return operator === 'in' ? sql<boolean>`1 = 0` : sql<boolean>`1 = 1`;
  const list = sql.join(bound);
  return operator === 'in' ? sql<boolean>`${column} in (${list})` : sql<boolean>`${column} not in (${list})`;
}

export function membershipWrites(scope: WriteScope): MembershipWrites {
  const { db, projectId } = scope;
  const releaseImages = (where: RawBuilder<unknown>) =>
    releaseFiles(scope, sql`select image_file_id from membership where project_id = ${projectId} and ${where}`);
  const dropGrants = (ids: RawBuilder<unknown>) =>
    sql`delete from membership_grant where project_id = ${projectId} and membership_id in (${ids})`.execute(db);
  return {
    async insert(membership) {
      await db
        .insertInto('membership')
        .values({
          project_id: projectId,
          id: membership.id,
          organization_id: membership.organizationId,
          user_id: membership.userId,
          created_at: membership.createdAt,
          updated_at: membership.createdAt,
        })
        .execute();
    },

    async update(id, { displayName, imageUrl, imageFileId }, now) {
      if (imageFileId !== undefined) await releaseImages(sql`id = ${id}`);
      await db
        .updateTable('membership')
        .set({
          ...(displayName !== undefined && { display_name: displayName }),
          ...(imageUrl !== undefined && { image_url: imageUrl }),
          ...(imageFileId !== undefined && { image_file_id: imageFileId }),
          updated_at: now,
        })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .execute();
    },

    async setRoles(id, roleIds, grantedBy, now) {
      await dropGrants(sql`${id}`);
      if (roleIds.length === 0) return;
      await db
        .insertInto('membership_grant')
        .values(
          roleIds.map((grantable_id, position) => ({
            project_id: projectId,
            membership_id: id,
            grantable_id,
            granted_by: grantedBy,
            position,
            created_at: now,
            updated_at: now,
          })),
        )
        .execute();
    },

    async remove(id) {
      await releaseImages(sql`id = ${id}`);
      await dropGrants(sql`${id}`);
      await db.deleteFrom('membership').where('project_id', '=', projectId).where('id', '=', id).execute();
    },

    async removeAllOf(organizationId) {
      await releaseImages(sql`organization_id = ${organizationId}`);
      await dropGrants(sql`select id from membership where organization_id = ${organizationId}`);
      await db
        .deleteFrom('membership')
        .where('project_id', '=', projectId)
        .where('organization_id', '=', organizationId)
        .execute();
    },
  };
}
