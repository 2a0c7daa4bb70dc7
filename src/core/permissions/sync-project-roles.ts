import type { Id } from '../../base/ids.ts';
import { asSystem } from '../acting.ts';
import type { Context } from '../context.ts';
import type { HasTransactions } from '../raw-transaction.ts';
import { Conflict, type Tx } from '../store.ts';
import { projectPermissions, projectRoles } from './project-permissions.ts';

type Needs = HasTransactions & Pick<Context, 'project' | 'ids' | 'clock'>;

/**
 * Brings the roles of a project in step with this version and its configuration, at start-up. A role that is no longer
 * configured is removed; while somebody still has it, it stays and allows nothing.
 */
export async function syncProjectRoles(ctx: Needs): Promise<void> {
  const attempt = () => asSystem(ctx, (tx) => sync(ctx, tx));
  // Another node may start at the same moment; the second look finds its rows.
  await attempt().catch((fault) => (fault instanceof Conflict ? attempt() : Promise.reject(fault)));
}

async function sync(ctx: Needs, tx: Tx): Promise<void> {
  const now = ctx.clock.now();
  const roles = projectRoles(ctx.project.policy);
  const graph = await tx.grants.graph('project');
  const ids = new Map(graph.map(({ key, id }) => [key, id]));

  const insert = async (key: string, kind: 'role' | 'permission', description: string | null): Promise<void> => {
    if (ids.has(key)) return;
    const id = ctx.ids.next();
    ids.set(key, id);
    await tx.grants.insert({ id, key, kind, holdsAll: false, builtIn: true, description }, now);
  };
  for (const key of new Set([...projectPermissions, ...roles.flatMap(({ holds }) => holds)])) {
    await insert(key, 'permission', null);
  }
  for (const { key, description } of roles) await insert(key, 'role', description);

  const contain = async (key: string, holds: readonly string[]): Promise<void> => {
    const wanted = holds.map((child) => ids.get(child)!);
    const has = graph.find((node) => node.key === key)?.contains ?? [];
    if (!sameIds(wanted, has)) await tx.grants.setContents(ids.get(key)!, wanted, now);
  };
  for (const { key, holds } of roles) await contain(key, holds);

  for (const { id, key, kind, builtIn } of graph) {
    if (kind !== 'role' || !builtIn || roles.some((role) => role.key === key)) continue;
    await contain(key, []);
    await tx.grants.removeUnheld(id);
  }
}

const sameIds = (a: readonly Id[], b: readonly Id[]): boolean =>
  a.length === b.length && a.toSorted().join() === b.toSorted().join();
