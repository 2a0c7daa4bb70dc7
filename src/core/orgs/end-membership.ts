import { emailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { Actor, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import { dissolveOrganization } from './delete-organization.ts';
import type { Member } from './membership.ts';
import type { Organization } from './organization.ts';
import { type OrganizationActor, refuseUnless, standInLocked } from './standing.ts';

/** Whom, as the surface names them. */
export type WhichMember = { readonly idOrAddress: string } | { readonly userId: Id };

/**
 * Takes somebody out of an organization.
 * @throws Refusal organization_required, not_a_member, organization_permission_denied, member_not_found,
 *   organization_needs_owner (the last owner; and owners, for whoever is none)
 */
export async function removeMember(
  ctx: Context,
  actor: OrganizationActor,
  input: { readonly organizationId: Id | null; readonly member: WhichMember },
): Promise<Member> {
  return act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'members.remove');
    if (denied) return denied;
    const member = await findMember(tx, standing.organization.id, input.member);
    if (!member) {
      const userId = 'userId' in input.member ? input.member.userId : undefined;
      return refuse('member_not_found', {
        organizationId: standing.organization.id,
        ...(userId !== undefined && { userId }),
      });
    }
    if (member.owner && !standing.owner) return refuse('organization_needs_owner');
    if (await isLastOwner(ctx, tx, member)) return refuse('organization_needs_owner');
    await endMembership(ctx, tx, actor, standing.organization, member);
    return member;
  });
}

/** @throws Refusal not_a_member, organization_needs_owner */
export async function leaveOrganization(ctx: Context, actor: UserActor, organizationId: Id): Promise<Member> {
  return act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, organizationId);
    if (standing instanceof Refusal) return standing;
    if (await isLastOwner(ctx, tx, standing.member)) return refuse('organization_needs_owner');
    await endMembership(ctx, tx, actor, standing.organization, standing.member);
    return standing.member;
  });
}

async function findMember(tx: Tx, organizationId: Id, which: WhichMember): Promise<Member | null> {
  if ('userId' in which) return tx.memberships.findOf(organizationId, which.userId);
  const { idOrAddress } = which;
  if (idOrAddress.includes('@')) {
    const form = emailForm(idOrAddress);
    return form && tx.memberships.findByAddress(organizationId, form.normal);
  }
  const member = await tx.memberships.find(idOrAddress);
  return member?.organizationId === organizationId ? member : null;
}

/** Counted under the organization's lock: of two owners who leave at once, one stays (core map O4). */
async function isLastOwner(ctx: Context, tx: Tx, member: Member): Promise<boolean> {
  if (!member.owner || (await tx.memberships.countOwners(member.organizationId)) > 1) return false;
  const alone = (await tx.memberships.count(member.organizationId)) === 1;
  return !(alone && ctx.surface.organizations.soleMemberMayLeave);
}

/**
 * A step of every path on which a membership ends: teams and active sessions go with it, and with the last member the
 * organization, which nobody could manage. Under the organization's lock.
 */
async function endMembership(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  organization: Organization,
  member: Member,
): Promise<void> {
  const { organizationId, userId } = member;
  if ((await tx.memberships.count(organizationId)) === 1) return dissolveOrganization(ctx, tx, actor, organization);
  await tx.teams.removeFromAll(organizationId, userId);
  await tx.sessions.clearActive({ organizationId }, userId, ctx.clock.now());
  await tx.users.deselect(organizationId, userId, ctx.clock.now());
  await tx.memberships.remove(member.id);
  await recordEvent(ctx, tx, actor, {
    type: 'organization.member_removed',
    subject: userId,
    organizationId,
    data: { roles: [...member.roles] },
  });
}

/** Organizations with other members that would lose their only owner with this person. */
export async function isOnlyOwnerOfOthers(tx: Tx, userId: Id): Promise<boolean> {
  for (const member of await tx.memberships.listOfUser(userId)) {
    if (!member.owner || !(await tx.organizations.lock(member.organizationId))) continue;
    const owners = await tx.memberships.countOwners(member.organizationId);
    if (owners <= 1 && (await tx.memberships.count(member.organizationId)) > 1) return true;
  }
  return false;
}

/** A step of erasing a person. */
export async function leaveEverything(ctx: Context, tx: Tx, actor: Actor, userId: Id): Promise<void> {
  for (const member of await tx.memberships.listOfUser(userId)) {
    const organization = await tx.organizations.lock(member.organizationId);
    if (organization) await endMembership(ctx, tx, actor, organization, member);
  }
}
