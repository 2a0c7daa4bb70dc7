import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { actorUserId } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { rolesToGrant } from './grant-roles.ts';
import type { Member } from './membership.ts';
import { type OrganizationActor, refuseUnless, standInLocked } from './standing.ts';

/**
 * A member has exactly these roles afterwards.
 * @throws Refusal organization_required, not_a_member, organization_permission_denied (also for another organization's
 *   member), member_not_found, role_not_found, role_not_grantable, organization_needs_owner, input_invalid
 */
export async function setMemberRoles(
  ctx: Context,
  actor: OrganizationActor,
  input: { readonly organizationId: Id | null; readonly memberId: Id; readonly roles: readonly string[] },
): Promise<Member> {
  return act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'members.change_role');
    if (denied) return denied;
    const { organization } = standing;
    const member = await tx.memberships.find(input.memberId);
    if (!member) return refuse('member_not_found');
    if (member.organizationId !== organization.id) return refuse('organization_permission_denied');

    const roles = await rolesToGrant(ctx, tx, standing, input.roles, member.roles);
    if (roles instanceof Refusal) return roles;
    if (member.owner && !standing.owner) return refuse('role_not_grantable', { why: 'only owners touch owners' });
    const staysOwner = roles.some((role) => role.owner);
    if (member.owner && !staysOwner && (await tx.memberships.countOwners(organization.id)) <= 1) {
      return refuse('organization_needs_owner');
    }
    const given = roles.map(({ id }) => id);
    await tx.memberships.setRoles(member.id, given, actorUserId(actor), ctx.clock.now());
    await recordEvent(ctx, tx, actor, {
      type: 'organization.roles_changed',
      subject: member.userId,
      organizationId: organization.id,
      data: { from: [...member.roles], to: roles.map(({ key }) => key) },
    });
    return (await tx.memberships.find(member.id))!;
  });
}
