import { type RawBuilder, sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import type { GrantReads, GrantWrites } from '../../core/permissions/grant-graph.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { bit, touched } from './values.ts';

export const grantReads = ({ db, projectId }: ReadScope): GrantReads => ({
  async graph(scope) {
    const rows = await db
      .selectFrom('grantable as g')
      .leftJoin('grantable_contains as c', 'c.parent_id', 'g.id')
      .select(['g.id', 'g.key', 'g.kind', 'g.holds_all', 'g.built_in', 'g.owner', 'g.hexclave_id', 'g.description'])
      .select('c.child_id')
      .where('g.project_id', '=', projectId)
      .where('g.scope', '=', scope)
      .where('g.organization_id', 'is', null)
      .orderBy('g.id')
      .execute();
    const nodes = new Map<Id, { row: (typeof rows)[number]; contains: Id[] }>();
    for (const row of rows) {
      const node = nodes.get(row.id) ?? { row, contains: [] };
      if (row.child_id !== null) node.contains.push(row.child_id);
      nodes.set(row.id, node);
    }
    return [...nodes.values()].map(({ row, contains }) => ({
      id: row.id,
      key: row.key,
      kind: row.kind,
      holdsAll: row.holds_all === 1,
      builtIn: row.built_in === 1,
      publicName: row.hexclave_id,
      description: row.description,
      owner: row.owner === 1,
      contains,
    }));
  },

  async listOfMembers({ organizationId, userId }) {
    let grants = db
      .selectFrom('membership_grant as mg')
      .innerJoin('membership as m', 'm.id', 'mg.membership_id')
      .select(['m.organization_id as organizationId', 'm.user_id as userId', 'mg.grantable_id as nodeId'])
      .where('m.project_id', '=', projectId);
    if (organizationId !== undefined) grants = grants.where('m.organization_id', '=', organizationId);
    if (userId !== undefined) grants = grants.where('m.user_id', '=', userId);
    return grants.execute();
  },

  async listOfUsers({ userId }) {
    let grants = db
      .selectFrom('user_grant')
      .select(['user_id as userId', 'grantable_id as nodeId'])
      .where('project_id', '=', projectId);
    if (userId !== undefined) grants = grants.where('user_id', '=', userId);
    return (await grants.execute()).map((grant) => ({ ...grant, organizationId: null }));
  },
});

export const grantWrites = ({ db, projectId, hasRivals }: WriteScope): GrantWrites => {
  const node = (id: Id) => db.updateTable('grantable').where('project_id', '=', projectId).where('id', '=', id);
  const drop = (table: RawBuilder<unknown>, holder: RawBuilder<unknown>, id: Id) =>
    sql`delete from ${table} where project_id = ${projectId} and grantable_id = ${id} and ${holder}`.execute(db);

  const give = (table: 'membership_grant' | 'user_grant', holder: 'membership_id' | 'user_id') =>
    async function insertGrant(holderId: Id, id: Id, grantedBy: Id | null, now: number): Promise<void> {
      const [into, column] = [sql.table(table), sql.ref(holder)];
      const at = sql`cast(${now} as bigint)`;
      await sql`insert into ${into} (project_id, ${column}, grantable_id, granted_by, position, created_at, updated_at)
        select ${projectId}, ${holderId}, ${id}, ${grantedBy}, coalesce(max(position), -1) + 1, ${at}, ${at}
          from ${into} where ${column} = ${holderId}
        on conflict (${column}, grantable_id) do nothing`.execute(db);
    };

  const take = (table: 'membership_grant' | 'user_grant', holder: 'membership_id' | 'user_id') =>
    async function deleteGrant(holderId: Id, id: Id): Promise<boolean> {
      const result = await drop(sql.table(table), sql`${sql.ref(holder)} = ${holderId}`, id);
      return touched({ numDeletedRows: result.numAffectedRows ?? 0n }) === 1;
    };

  return {
    async insert(made, now) {
      await db
        .insertInto('grantable')
        .values({
          project_id: projectId,
          id: made.id,
          key: made.key,
          kind: made.kind,
          scope: made.scope ?? 'project',
          description: made.description,
          hexclave_id: made.publicName ?? null,
          built_in: bit(made.builtIn),
          holds_all: bit(made.holdsAll),
          created_at: now,
          updated_at: now,
        })
        .execute();
    },

    async update(id, { key, publicName, description, holdsAll }, now) {
      await node(id)
        .set({
          ...(key !== undefined && { key }),
          ...(publicName !== undefined && { hexclave_id: publicName }),
          ...(description !== undefined && { description }),
          ...(holdsAll !== undefined && { holds_all: bit(holdsAll) }),
          updated_at: now,
        })
        .execute();
    },

    async setContents(id, contents, now) {
      await db
        .deleteFrom('grantable_contains')
        .where('project_id', '=', projectId)
        .where('parent_id', '=', id)
        .execute();
      if (contents.length === 0) return;
      const times = { created_at: now, updated_at: now };
      await db
        .insertInto('grantable_contains')
        .values(contents.map((child) => ({ project_id: projectId, parent_id: id, child_id: child, ...times })))
        .execute();
    },

    async takeTurn() {
      if (!hasRivals) return;
      const turn = sql`hashtextextended('latchkey administration ' || ${projectId}, 0)`;
      await sql`SELECT pg_advisory_xact_lock(${turn})`.execute(db);
    },

    // An update that changes nothing locks the row on PostgreSQL; on SQLite the transaction is alone anyway.
    async lock(id) {
      const result = await node(id)
        .set((old) => ({ updated_at: old.ref('updated_at') }))
        .executeTakeFirst();
      return touched(result) === 1;
    },

    async remove(id) {
      await drop(sql`membership_grant`, sql`1 = 1`, id);
      await drop(sql`user_grant`, sql`1 = 1`, id);
      await sql`delete from grantable_contains
         where project_id = ${projectId} and (parent_id = ${id} or child_id = ${id})`.execute(db);
      await db.deleteFrom('grantable').where('project_id', '=', projectId).where('id', '=', id).execute();
    },

    async removeUnheld(id) {
      const result = await db
        .deleteFrom('grantable')
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('user_grant').select('user_id').where('grantable_id', '=', id))),
        )
        .executeTakeFirst();
      return touched(result) === 1;
    },

    giveMember: give('membership_grant', 'membership_id'),
    giveUser: give('user_grant', 'user_id'),
    takeMember: take('membership_grant', 'membership_id'),
    takeUser: take('user_grant', 'user_id'),
  };
};
