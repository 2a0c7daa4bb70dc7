import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import { byName, publicNamesBelow } from './definitions.ts';
import type { GrantScope } from './grant-graph.ts';

/** Somebody has something, by the name applications know. */
export interface HeldPermission {
  /** Null: over the whole project. */
  readonly organizationId: Id | null;
  readonly userId: Id;
  readonly name: string;
}

/**
 * What people have, directly or with all that it contains, sorted by organization, person and name.
 * @param of whose and where; absent: everybody's, everywhere
 */
export async function listGrants(
  ctx: Pick<Context, 'store'>,
  scope: GrantScope,
  of: { readonly organizationId?: Id; readonly userId?: Id; readonly recursive: boolean },
): Promise<readonly HeldPermission[]> {
  const { grants } = ctx.store.read;
  const graph = await grants.graph(scope);
  const below = publicNamesBelow(graph);
  const nameOf = new Map(graph.map(({ id, publicName }) => [id, publicName]));
  const held = scope === 'organization' ? await grants.listOfMembers(of) : await grants.listOfUsers(of);
  const found = new Map<string, HeldPermission>();
  for (const { organizationId, userId, nodeId } of held) {
    const direct = nameOf.get(nodeId) ?? null;
    const names = of.recursive ? below(nodeId) : direct === null ? [] : [direct];
    for (const name of names) found.set(`${organizationId} ${userId} ${name}`, { organizationId, userId, name });
  }
  return [...found.values()].sort(
    (a, b) =>
      byName(a.organizationId ?? '', b.organizationId ?? '') || byName(a.userId, b.userId) || byName(a.name, b.name),
  );
}

/** May this person do that over the whole project, by an application's own name? */
export async function holdsProjectPermission(ctx: Pick<Context, 'store'>, userId: Id, name: string): Promise<boolean> {
  const held = await listGrants(ctx, 'project', { userId, recursive: true });
  return held.some((grant) => grant.name === name);
}
