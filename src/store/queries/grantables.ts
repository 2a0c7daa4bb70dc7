import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { OrganizationRole, OrganizationRoleReads, OrganizationRoleWrites } from '../../core/orgs/role.ts';
import type { ReadScope, WriteScope } from './scope.ts';

interface ReachedRow {
  id: Id;
  key: string;
  organization_id: Id | null;
  owner: number;
  created_at: Instant;
  updated_at: Instant;
  /** A permission that the root contains, or is. Null: it contains none. */
  reached: string | null;
}

/** Stands for others, which count themselves. */
const isBundle = sql`(p.built_in = 1 and exists (select 1 from grantable_contains b where b.parent_id = p.id))`;

/**
 * Roots with every permission below them, one row each. UNION drops what was seen, so a cycle in the graph ends;
 * whatever holds all contains every permission of the project that is for organizations.
 */
async function rolesWhere({ db, projectId }: ReadScope, root: RawBuilder<unknown>): Promise<OrganizationRole[]> {
  const { rows } = await sql<ReachedRow>`
    with recursive reach (root, node) as (
      select r.id, r.id from grantable r
       where r.project_id = ${projectId} and r.scope = 'organization' and ${root}
      union
      select reach.root, c.child_id from reach join grantable_contains c on c.parent_id = reach.node
    )
    select r.id, r.key, r.organization_id, r.owner, r.created_at, r.updated_at, p.key as reached
      from (select distinct root from reach) roots
      join grantable r on r.id = roots.root
      left join grantable p on p.project_id = r.project_id and p.kind = 'permission' and p.scope = 'organization'
       and not ${isBundle} and (
           p.id in (select node from reach where reach.root = r.id)
        or (p.organization_id is null and exists (
             select 1 from reach join grantable h on h.id = reach.node where reach.root = r.id and h.holds_all = 1)))
     order by r.id, p.key`.execute(db);

  const found = new Map<Id, OrganizationRole & { permissions: Set<string> }>();
  for (const row of rows) {
    const role = found.get(row.id) ?? {
      id: row.id,
      key: row.key,
      organizationId: row.organization_id,
      owner: row.owner === 1,
      permissions: new Set<string>(),
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    };
    if (row.reached !== null) role.permissions.add(row.reached);
    found.set(row.id, role);
  }
  return [...found.values()];
}

export function organizationRoleReads(scope: ReadScope): OrganizationRoleReads {
  const { db, projectId } = scope;
  return {
    named: async (organizationId, keys) =>
      keys.length === 0
        ? []
        : rolesWhere(
            scope,
            sql`r.kind = 'role' and r.key in (${sql.join([...keys])})
                and (r.organization_id is null or r.organization_id = ${organizationId})`,
          ),

    ownOf: (organizationId) => rolesWhere(scope, sql`r.kind = 'role' and r.organization_id = ${organizationId}`),

    heldBy: (membershipId) =>
      rolesWhere(scope, sql`r.id in (select grantable_id from membership_grant where membership_id = ${membershipId})`),

    async isHeld(roleId) {
      const row = await db
        .selectFrom('membership_grant')
        .select('membership_id')
        .where('project_id', '=', projectId)
        .where('grantable_id', '=', roleId)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

export function organizationRoleWrites({ db, projectId }: WriteScope): OrganizationRoleWrites {
  async function contain(parentId: Id, permissions: ReadonlySet<string>, now: Instant): Promise<void> {
    if (permissions.size === 0) return;
    const children = await db
      .selectFrom('grantable')
      .select('id')
      .where('project_id', '=', projectId)
      .where('kind', '=', 'permission')
      .where('scope', '=', 'organization')
      .where('organization_id', 'is', null)
      .where('key', 'in', [...permissions])
      .execute();
    if (children.length !== permissions.size)
      throw new Error('a role holds a permission that the project does not have');
    await db
      .insertInto('grantable_contains')
      .values(
        children.map(({ id }) => ({
          project_id: projectId,
          parent_id: parentId,
          child_id: id,
          created_at: now,
          updated_at: now,
        })),
      )
      .execute();
  }

  const empty = (parents: RawBuilder<unknown>) =>
    sql`delete from grantable_contains where project_id = ${projectId} and parent_id in (${parents})`.execute(db);

  return {
    async insert(role) {
      await db
        .insertInto('grantable')
        .values({
          project_id: projectId,
          id: role.id,
          key: role.key,
          kind: 'role',
          scope: 'organization',
          organization_id: role.organizationId,
          created_at: role.createdAt,
          updated_at: role.createdAt,
        })
        .execute();
      await contain(role.id, role.permissions, role.createdAt);
    },

    async update(id, { key, permissions }, now) {
      await db
        .updateTable('grantable')
        .set({ ...(key !== undefined && { key }), updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .execute();
      if (!permissions) return;
      await empty(sql`${id}`);
      await contain(id, permissions, now);
    },

    async remove(id) {
      await empty(sql`${id}`);
      await db.deleteFrom('grantable').where('project_id', '=', projectId).where('id', '=', id).execute();
    },

    async removeAllOf(organizationId) {
      await empty(sql`select id from grantable where organization_id = ${organizationId}`);
      await db
        .deleteFrom('grantable')
        .where('project_id', '=', projectId)
        .where('organization_id', '=', organizationId)
        .execute();
    },
  };
}
