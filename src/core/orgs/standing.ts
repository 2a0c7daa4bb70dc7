import type { Id } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import type { Reads, Tx } from '../store.ts';
import type { Member } from './membership.ts';
import type { Organization } from './organization.ts';
import type { OrganizationPermission, OrganizationRole } from './role.ts';

/** Whoever may ask for something inside an organization: its people, and the project's servers, who need nobody's leave. */
export type OrganizationActor = UserActor | ServerActor;

/** Where somebody stands in an organization, and what they may do there. */
export interface Standing {
  readonly organization: Organization;
  /** Null: a server of the project, who belongs to no organization and may do everything in each. */
  readonly member: Member | null;
  /** Only owners touch owners. */
  readonly owner: boolean;
  readonly roles: readonly OrganizationRole[];
  may(permission: OrganizationPermission): boolean;
  /** Those of them that the actor lacks: nobody hands out more than they hold (rule 29). */
  lacking(permissions: Iterable<string>): readonly string[];
}

export interface MemberStanding extends Standing {
  readonly member: Member;
}

type Where = Pick<Reads, 'organizations' | 'memberships' | 'organizationRoles'>;

/**
 * The actor in the organization asked for, else in the one that is active in their session.
 * @returns organization_required, not_a_member (also of an organization that does not exist: ids tell nothing);
 *   organization_not_found for servers
 */
export async function standIn(
  reads: Where,
  actor: UserActor,
  organizationId: Id | null,
): Promise<MemberStanding | Refusal>;
export async function standIn(
  reads: Where,
  actor: OrganizationActor,
  organizationId: Id | null,
): Promise<Standing | Refusal>;
export async function standIn(
  reads: Where,
  actor: OrganizationActor,
  organizationId: Id | null,
): Promise<Standing | Refusal> {
  const id = organizationId ?? activeIn(actor);
  if (id === null) return refuse('organization_required');
  return standAt(reads, actor, await reads.organizations.find(id), id);
}

/** The same, for changes that others of the same organization must not cross: owners, limits, the last team. */
export async function standInLocked(
  tx: Tx,
  actor: UserActor,
  organizationId: Id | null,
): Promise<MemberStanding | Refusal>;
export async function standInLocked(
  tx: Tx,
  actor: OrganizationActor,
  organizationId: Id | null,
): Promise<Standing | Refusal>;
export async function standInLocked(
  tx: Tx,
  actor: OrganizationActor,
  organizationId: Id | null,
): Promise<Standing | Refusal> {
  const id = organizationId ?? activeIn(actor);
  if (id === null) return refuse('organization_required');
  return standAt(tx, actor, await tx.organizations.lock(id), id);
}

const activeIn = (actor: OrganizationActor): Id | null =>
  actor.kind === 'server' ? null : actor.live.session.activeOrganizationId;

/** In an organization that was looked up already. @param id what was asked for, for the words of the refusal */
export async function standAt(
  reads: Where,
  actor: OrganizationActor,
  organization: Organization | null,
  id: Id | null = organization?.id ?? null,
): Promise<Standing | Refusal> {
  if (actor.kind !== 'server') return standingOf(reads, organization, actor.live.user.id, id);
  if (!organization) return refuse('organization_not_found', { ...(id !== null && { organizationId: id }) });
  return { organization, member: null, owner: true, roles: [], may: () => true, lacking: () => [] };
}

export async function standingOf(
  reads: Where,
  organization: Organization | null,
  userId: Id,
  id: Id | null = organization?.id ?? null,
): Promise<MemberStanding | Refusal> {
  const member = organization && (await reads.memberships.findOf(organization.id, userId));
  if (!organization || !member) return notAMember(id, userId);
  const roles = await reads.organizationRoles.heldBy(member.id);
  const permissions = new Set(roles.flatMap((role) => [...role.permissions]));
  return {
    organization,
    member,
    owner: member.owner,
    roles,
    may: (permission) => permissions.has(permission),
    lacking: (asked) => [...asked].filter((permission) => !permissions.has(permission)),
  };
}

export const notAMember = (organizationId: Id | null, userId: Id): Refusal =>
  refuse('not_a_member', { userId, ...(organizationId !== null && { organizationId }) });

/** Null: the actor may. @returns organization_permission_denied, saying who lacks what where */
export function refuseUnless(standing: Standing, permission: OrganizationPermission): Refusal | null {
  if (standing.may(permission)) return null;
  const { organization, member } = standing;
  return refuse('organization_permission_denied', {
    permission,
    organizationId: organization.id,
    ...(member && { userId: member.userId }),
  });
}
