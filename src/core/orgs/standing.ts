import type { Id } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Reads, Tx } from '../store.ts';
import type { Member } from './membership.ts';
import type { Organization } from './organization.ts';
import { memberRole, type OrganizationPermission, type OrganizationRole } from './role.ts';

/** Somebody inside an organization, with what they may do there. */
export interface Standing {
  readonly organization: Organization;
  readonly member: Member;
  readonly roles: readonly OrganizationRole[];
  /** Everything that all roles together hold. */
  readonly permissions: ReadonlySet<string>;
  may(permission: OrganizationPermission): boolean;
}

type Where = Pick<Reads, 'organizations' | 'memberships' | 'organizationRoles'>;

/**
 * The actor in the organization asked for, else in the one that is active in their session.
 * @returns organization_required, not_a_member (also of an organization that does not exist: ids tell nothing)
 */
export async function standIn(reads: Where, actor: UserActor, organizationId: Id | null): Promise<Standing | Refusal> {
  const id = organizationId ?? actor.live.session.activeOrganizationId;
  if (id === null) return refuse('organization_required');
  return standingOf(reads, await reads.organizations.find(id), actor.live.user.id);
}

/** The same, for changes that others of the same organization must not cross: owners, limits, the last team. */
export async function standInLocked(tx: Tx, actor: UserActor, organizationId: Id | null): Promise<Standing | Refusal> {
  const id = organizationId ?? actor.live.session.activeOrganizationId;
  if (id === null) return refuse('organization_required');
  return standingOf(tx, await tx.organizations.lock(id), actor.live.user.id);
}

export async function standingOf(
  reads: Where,
  organization: Organization | null,
  userId: Id,
): Promise<Standing | Refusal> {
  const member = organization && (await reads.memberships.findOf(organization.id, userId));
  if (!organization || !member) return refuse('not_a_member');
  const held = await reads.organizationRoles.heldBy(member.id);
  // Whoever belongs to an organization is a member of it, with or without a row that says so.
  const roles = held.length > 0 ? held : await reads.organizationRoles.named(organization.id, [memberRole]);
  const permissions = new Set(roles.flatMap((role) => [...role.permissions]));
  return { organization, member, roles, permissions, may: (permission) => permissions.has(permission) };
}
