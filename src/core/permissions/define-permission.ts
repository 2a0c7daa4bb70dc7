import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { codePoints, hasControlCharacters, isInheritedName } from '../../base/text.ts';
import { act } from '../acting.ts';
import type { ServerActor, SystemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { Conflict, type Tx } from '../store.ts';
import { definitionOf, findNamed, type PermissionDefinition } from './definitions.ts';
import type { GrantNode, GrantScope } from './grant-graph.ts';
import { renameInStart } from './starting-permissions.ts';

/** Whoever administers the project. */
type Administrator = ServerActor | SystemActor;

/** Built-in names start with a dollar sign; an application's never do (hexclave spec §1.13). */
const namePattern = /^[a-z0-9_:]{1,63}$/;
const maxDescription = 1_000;
const maxDefinitions = 1_000;

/** Our own keys hold a dot, or are words that roles have: neither meets this. */
const keyOf = (name: string): string => `app:${name}`;

/**
 * The application names a permission of its own. Names are unique over both scopes.
 * @throws Refusal input_invalid, role_key_taken, permission_unknown (one that it shall contain), role_limit_reached
 */
export async function createPermission(
  ctx: Context,
  actor: Administrator,
  input: {
    readonly scope: GrantScope;
    readonly name: string;
    readonly description: string | null;
    readonly contains: readonly string[];
  },
): Promise<PermissionDefinition> {
  const { scope } = input;
  const name = readName(input.name);
  const description = readDescription(input.description);
  const outcome = await act(ctx, actor, { server: 'admin' }, async (tx) => {
    const taken = refuse('role_key_taken', { field: name });
    const found = await findNamed(tx, scope, name);
    if (!(found instanceof Refusal) || found.detail.given !== undefined) return taken;
    const graph = await tx.grants.graph(scope);
    if (graph.length >= maxDefinitions) return refuse('role_limit_reached');
    const inside = await contentsOf(tx, graph, input.contains);
    if (inside instanceof Refusal) return inside;
    const now = ctx.clock.now();
    const id = ctx.ids.next();
    const node = { id, key: keyOf(name), kind: 'permission', holdsAll: false, builtIn: false } as const;
    await tx.grants.insert({ ...node, publicName: name, description, scope }, now);
    await tx.grants.setContents(id, inside, now);
    await record(ctx, tx, actor, { created: name });
    return read(tx, scope, id);
  }).catch(takenName(name));
  return settle(outcome);
}

/**
 * Changes a definition. Of a built-in role what it contains and how it is described may change, of a built-in
 * permission nothing; rights of ours that applications have no name for stay in it.
 * The lists of what people start with follow a new name.
 * @throws Refusal role_not_found, role_built_in, role_held (the operator's file has its name in such a list),
 *   role_key_taken, permission_unknown, input_invalid
 */
export async function updatePermission(
  ctx: Context,
  actor: Administrator,
  input: {
    readonly scope: GrantScope;
    readonly name: string;
    readonly change: {
      readonly name?: string;
      readonly description?: string | null;
      readonly contains?: readonly string[];
    };
  },
): Promise<PermissionDefinition> {
  const { scope, change } = input;
  const name = change.name === undefined || change.name === input.name ? null : readName(change.name);
  const description = change.description === undefined ? undefined : readDescription(change.description);
  let reload = false;
  const outcome = await act(ctx, actor, { server: 'admin' }, async (tx) => {
    if (name !== null) await tx.grants.takeTurn();
    const found = await findNamed(tx, scope, input.name);
    if (found instanceof Refusal) return found;
    const { node, graph } = found;
    if (node.builtIn && (node.kind === 'permission' || name !== null)) return refuse('role_built_in');
    if (name !== null) {
      const other = await findNamed(tx, scope, name);
      if (!(other instanceof Refusal) || other.detail.given !== undefined) {
        return refuse('role_key_taken', { field: name });
      }
    }
    const inside = change.contains && (await contentsOf(tx, graph, change.contains));
    if (inside instanceof Refusal) return inside;
    const now = ctx.clock.now();
    if (!(await tx.grants.lock(node.id))) return refuse('role_not_found', { field: input.name });
    await tx.grants.update(
      node.id,
      {
        ...(name !== null && { publicName: name, key: keyOf(name) }),
        ...(description !== undefined && { description }),
        ...(inside && node.holdsAll && { holdsAll: false }),
      },
      now,
    );
    if (inside) await tx.grants.setContents(node.id, [...inside, ...unnamedIn(graph, node)], now);
    if (name !== null) reload = await renameInStart(ctx, tx, input.name, name);
    await record(ctx, tx, actor, { updated: input.name, ...(name !== null && { name }) });
    return read(tx, scope, node.id);
  }).catch(takenName(name ?? input.name));
  if (reload) await ctx.directory.reload(ctx.project.id);
  return settle(outcome);
}

/**
 * Whoever had it has it no more, nothing contains it, and nobody starts with it.
 * @throws Refusal role_not_found, role_built_in, role_held (the operator's file says that people start with it)
 */
export async function removePermission(
  ctx: Context,
  actor: Administrator,
  input: { readonly scope: GrantScope; readonly name: string },
): Promise<void> {
  let reload = false;
  await act(ctx, actor, { server: 'admin' }, async (tx) => {
    await tx.grants.takeTurn();
    const found = await findNamed(tx, input.scope, input.name);
    if (found instanceof Refusal) return found;
    const { node } = found;
    if (node.builtIn) return refuse('role_built_in');
    if (!(await tx.grants.lock(node.id))) return refuse('role_not_found', { field: input.name });
    reload = await renameInStart(ctx, tx, input.name, null);
    await tx.grants.remove(node.id);
    await record(ctx, tx, actor, { removed: input.name });
    return undefined;
  });
  if (reload) await ctx.directory.reload(ctx.project.id);
}

/** Locked, so that nobody removes meanwhile what is about to be contained. @returns permission_unknown naming the first that is not there */
async function contentsOf(
  tx: Tx,
  graph: readonly GrantNode[],
  names: readonly string[],
): Promise<readonly Id[] | Refusal> {
  const inside: Id[] = [];
  // In one order, so that two who lock several never wait for each other.
  for (const name of [...new Set(names)].sort()) {
    const node = graph.find(({ publicName }) => publicName === name);
    if (!node || !(await tx.grants.lock(node.id))) return refuse('permission_unknown', { field: name });
    inside.push(node.id);
  }
  return inside;
}

/** What the node holds of ours that no name stands for. */
function unnamedIn(graph: readonly GrantNode[], node: GrantNode): readonly Id[] {
  const bundled = new Set(graph.filter(isBundle).flatMap(({ contains }) => contains));
  const held = node.holdsAll
    ? graph.filter(({ builtIn, kind, id }) => builtIn && kind === 'permission' && !bundled.has(id))
    : graph.filter(({ id }) => node.contains.includes(id));
  return held.filter(({ publicName }) => publicName === null).map(({ id }) => id);
}

const isBundle = ({ builtIn, kind, contains }: GrantNode): boolean =>
  builtIn && kind === 'permission' && contains.length > 0;

async function read(tx: Tx, scope: GrantScope, id: Id): Promise<PermissionDefinition> {
  const graph = await tx.grants.graph(scope);
  const node = graph.find((one) => one.id === id)!;
  return definitionOf(graph, scope, node, node.publicName!);
}

const record = (ctx: Context, tx: Tx, actor: Administrator, data: Record<string, string>): Promise<void> =>
  recordEvent(ctx, tx, actor, { type: 'project.permissions_changed', subject: null, data });

/** @throws Refusal input_invalid */
function readName(name: string): string {
  if (!namePattern.test(name) || isInheritedName(name))
    throw new Refusal('input_invalid', { field: 'Invalid permission id' });
  return name;
}

/** @throws Refusal input_invalid */
function readDescription(text: string | null): string | null {
  if (text !== null && (codePoints(text) > maxDescription || hasControlCharacters(text.replaceAll(/[\n\r\t]/g, '')))) {
    throw new Refusal('input_invalid', { field: 'Invalid description' });
  }
  return text;
}

/** Two at once: the unique index lets one through. */
const takenName = (name: string) => (fault: unknown) => {
  if (fault instanceof Conflict && fault.index.startsWith('grantable_by_')) {
    return refuse('role_key_taken', { field: name });
  }
  throw fault;
};
