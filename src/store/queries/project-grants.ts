import type { Id } from '../../base/ids.ts';
import type { GrantReads, GrantWrites } from '../../core/permissions/grant-graph.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { bit, touched } from './values.ts';

export const grantReads = ({ db, projectId }: ReadScope): GrantReads => ({
  async projectGraph() {
    const rows = await db
      .selectFrom('grantable as g')
      .leftJoin('grantable_contains as c', 'c.parent_id', 'g.id')
      .select(['g.id', 'g.key', 'g.kind', 'g.holds_all', 'g.built_in', 'c.child_id'])
      .where('g.project_id', '=', projectId)
      .where('g.scope', '=', 'project')
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
      contains,
    }));
  },
});

export const grantWrites = ({ db, projectId }: WriteScope): GrantWrites => ({
  async insert(node, now) {
    await db
      .insertInto('grantable')
      .values({
        project_id: projectId,
        id: node.id,
        key: node.key,
        kind: node.kind,
        scope: 'project',
        description: node.description,
        built_in: bit(node.builtIn),
        holds_all: bit(node.holdsAll),
        created_at: now,
        updated_at: now,
      })
      .execute();
  },

  async setContents(id, contents, now) {
    await db.deleteFrom('grantable_contains').where('project_id', '=', projectId).where('parent_id', '=', id).execute();
    if (contents.length === 0) return;
    const times = { created_at: now, updated_at: now };
    await db
      .insertInto('grantable_contains')
      .values(contents.map((child) => ({ project_id: projectId, parent_id: id, child_id: child, ...times })))
      .execute();
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
});
