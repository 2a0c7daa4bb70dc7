import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { codePoints, hasControlCharacters, hasUnseenCharacters, isInheritedName } from '../../base/text.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { Conflict, type Reads } from '../store.ts';
import { type OrganizationRole, organizationPermissions } from './role.ts';
import { refuseUnless, type Standing, standIn, standInLocked } from './standing.ts';
import { requireDynamicRoles } from './switches.ts';

/** Roles an organization may make for itself. */
const maxRoles = 100;
const maxKey = 64;
/** Whoever belongs to an organization sees who else does. */
const always = 'members.read';

export type WhichRole = { readonly key: string } | { readonly id: Id };

/**
 * An organization makes a role of its own.
 * @throws Refusal dynamic_roles_disabled, organization_required, not_a_member, organization_permission_denied (with
 *   `missing` when the role would hold more than its maker), permission_unknown, role_key_taken, role_limit_reached, input_invalid
 */
export async function createRole(
  ctx: Context,
  actor: UserActor,
  input: { readonly organizationId: Id | null; readonly key: string; readonly permissions: readonly string[] },
): Promise<OrganizationRole> {
  requireDynamicRoles(ctx);
  const key = readRoleKey(input.key);
  const outcome = await act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'roles.create');
    if (denied) return denied;
    const organizationId = standing.organization.id;
    if ((await tx.organizationRoles.named(organizationId, [key])).length > 0) return refuse('role_key_taken');
    if ((await tx.organizationRoles.ownOf(organizationId)).length >= maxRoles) return refuse('role_limit_reached');
    const permissions = mayHold(standing, input.permissions);
    if (permissions instanceof Refusal) return permissions;
    const id = ctx.ids.next();
    await tx.organizationRoles.insert({ id, key, organizationId, permissions, createdAt: ctx.clock.now() });
    await recordEvent(ctx, tx, actor, {
      type: 'organization.role_created',
      subject: null,
      organizationId,
      data: { role: key, permissions: [...permissions] },
    });
    return (await find(tx, organizationId, { id }))!;
  }).catch(takenKey);
  return settle(outcome);
}

/** @throws Refusal as `createRole`, and role_not_found */
export async function updateRole(
  ctx: Context,
  actor: UserActor,
  input: {
    readonly organizationId: Id | null;
    readonly role: WhichRole;
    readonly key?: string;
    readonly permissions?: readonly string[];
  },
): Promise<OrganizationRole> {
  requireDynamicRoles(ctx);
  const key = input.key === undefined ? undefined : readRoleKey(input.key);
  const outcome = await act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'roles.update');
    if (denied) return denied;
    const organizationId = standing.organization.id;
    const role = await find(tx, organizationId, input.role);
    if (!role) return refuse('role_not_found');
    const permissions = input.permissions && mayHold(standing, input.permissions);
    if (permissions instanceof Refusal) return permissions;
    if (key !== undefined && key !== role.key) {
      if ((await tx.organizationRoles.named(organizationId, [key])).length > 0) return refuse('role_key_taken');
    }
    await tx.organizationRoles.update(role.id, { ...(key !== undefined && { key }), permissions }, ctx.clock.now());
    await recordEvent(ctx, tx, actor, {
      type: 'organization.role_updated',
      subject: null,
      organizationId,
      data: { role: key ?? role.key, ...(permissions && { permissions: [...permissions] }) },
    });
    return (await find(tx, organizationId, { id: role.id }))!;
  }).catch(takenKey);
  return settle(outcome);
}

/**
 * @throws Refusal dynamic_roles_disabled, organization_required, not_a_member, organization_permission_denied,
 *   role_built_in, role_not_found, role_held
 */
export async function deleteRole(
  ctx: Context,
  actor: UserActor,
  input: { readonly organizationId: Id | null; readonly role: WhichRole },
): Promise<void> {
  requireDynamicRoles(ctx);
  await act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'roles.delete');
    if (denied) return denied;
    const organizationId = standing.organization.id;
    const role = await find(tx, organizationId, input.role);
    if (!role)
      return (await isBuiltIn(tx, organizationId, input.role)) ? refuse('role_built_in') : refuse('role_not_found');
    if (await tx.organizationRoles.isHeld(role.id)) return refuse('role_held');
    await tx.organizationRoles.remove(role.id);
    await recordEvent(ctx, tx, actor, {
      type: 'organization.role_deleted',
      subject: null,
      organizationId,
      data: { role: role.key },
    });
    return undefined;
  });
}

/** Roles the organization made. @throws Refusal dynamic_roles_disabled, organization_required, not_a_member, organization_permission_denied */
export async function listRoles(
  ctx: Context,
  actor: UserActor,
  organizationId: Id | null,
): Promise<readonly OrganizationRole[]> {
  requireDynamicRoles(ctx);
  const standing = settle(await standIn(ctx.store.read, actor, organizationId));
  settle(refuseUnless(standing, 'roles.read'));
  return ctx.store.read.organizationRoles.ownOf(standing.organization.id);
}

/** @throws Refusal as `listRoles`, and role_not_found */
export async function readRole(
  ctx: Context,
  actor: UserActor,
  input: { readonly organizationId: Id | null; readonly role: WhichRole },
): Promise<OrganizationRole> {
  const roles = await listRoles(ctx, actor, input.organizationId);
  const found = roles.find((role) => isThat(role, input.role));
  if (!found) throw new Refusal('role_not_found');
  return found;
}

const isThat = (role: OrganizationRole, which: WhichRole): boolean =>
  'id' in which ? role.id === which.id : role.key === roleKeyNormal(which.key);

/** Only among the organization's own: a role of another one, or of the project, is not found. */
const find = async (reads: Pick<Reads, 'organizationRoles'>, organizationId: Id, which: WhichRole) =>
  (await reads.organizationRoles.ownOf(organizationId)).find((role) => isThat(role, which));

const isBuiltIn = async (reads: Pick<Reads, 'organizationRoles'>, organizationId: Id, which: WhichRole) =>
  'key' in which &&
  !hasControlCharacters(which.key) &&
  (await reads.organizationRoles.named(organizationId, [roleKeyNormal(which.key)])).length > 0;

/** What roles are compared by: full-width letters and accents apart are no other role. */
const roleKeyNormal = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Commas part names where a wire joins them. @throws Refusal input_invalid */
function readRoleKey(text: string): string {
  const key = roleKeyNormal(text).trim();
  if (key === '' || codePoints(key) > maxKey || key.includes(',') || hasUnseenCharacters(key) || isInheritedName(key)) {
    throw new Refusal('input_invalid', { field: 'Invalid role name' });
  }
  return key;
}

const known: ReadonlySet<string> = new Set(organizationPermissions);

/** Nobody makes a role that may more than they may themselves (rule 29). */
function mayHold(standing: Standing, asked: readonly string[]): ReadonlySet<string> | Refusal {
  if (asked.some((permission) => !known.has(permission))) return refuse('permission_unknown');
  const missing = standing.lacking(asked);
  if (missing.length > 0) return refuse('organization_permission_denied', { missing });
  return new Set([...asked, always]);
}

function takenKey(fault: unknown): Refusal {
  if (fault instanceof Conflict && fault.index === 'grantable_of_organization') return refuse('role_key_taken');
  throw fault;
}
