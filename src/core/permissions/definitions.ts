import type { Id } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import { type GrantNode, type GrantScope, reach } from './grant-graph.ts';

/** A role or a permission as applications see it. */
export interface PermissionDefinition {
  readonly name: string;
  readonly scope: GrantScope;
  readonly description: string | null;
  /** Names of what it contains directly, sorted. */
  readonly contains: readonly string[];
  /** Comes with this version and is not the application's to change. */
  readonly builtIn: boolean;
}

/** Code units, as the engines sort text. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorted by name. */
export async function listPermissionDefinitions(
  ctx: Pick<Context, 'store'>,
  scope: GrantScope,
): Promise<readonly PermissionDefinition[]> {
  return definitionsIn(await ctx.store.read.grants.graph(scope), scope);
}

export function definitionsIn(graph: readonly GrantNode[], scope: GrantScope): readonly PermissionDefinition[] {
  return graph
    .flatMap((node) => (node.publicName === null ? [] : [definitionOf(graph, scope, node, node.publicName)]))
    .sort((a, b) => byName(a.name, b.name));
}

export function definitionOf(
  graph: readonly GrantNode[],
  scope: GrantScope,
  node: GrantNode,
  name: string,
): PermissionDefinition {
  const inside = node.holdsAll ? everythingBuiltIn(graph) : graph.filter(({ id }) => node.contains.includes(id));
  return {
    name,
    scope,
    description: node.description,
    contains: inside.flatMap(({ publicName }) => publicName ?? []).sort(byName),
    builtIn: node.builtIn,
  };
}

/** What holds all does not contain what applications named: whether it means anything to them is for them to say. */
const everythingBuiltIn = (graph: readonly GrantNode[]): readonly GrantNode[] =>
  graph.filter(({ builtIn, kind, publicName }) => builtIn && kind === 'permission' && publicName !== null);

/** Names of a node and of all that it contains, however deep. */
export function publicNamesBelow(graph: readonly GrantNode[]): (id: Id) => readonly string[] {
  const below = reach(graph);
  return (id) => {
    const nodes = below(id);
    const all = nodes.some(({ holdsAll }) => holdsAll) ? [...nodes, ...everythingBuiltIn(graph)] : nodes;
    return [...new Set(all.flatMap(({ publicName }) => publicName ?? []))];
  };
}

/**
 * The node that applications call by this name.
 * @returns role_not_found naming it, and in `given` the scope in which it is, when that is the other one
 */
export async function findNamed(
  reads: Pick<Reads, 'grants'>,
  scope: GrantScope,
  name: string,
): Promise<{ readonly node: GrantNode; readonly graph: readonly GrantNode[] } | Refusal> {
  const graph = await reads.grants.graph(scope);
  const node = graph.find(({ publicName }) => publicName === name);
  if (node) return { node, graph };
  const other: GrantScope = scope === 'project' ? 'organization' : 'project';
  const elsewhere = (await reads.grants.graph(other)).some(({ publicName }) => publicName === name);
  return refuse('role_not_found', { field: name, ...(elsewhere && { given: other }) });
}
