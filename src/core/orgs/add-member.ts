import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { Actor, ServerActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { Conflict, type Tx } from '../store.ts';
import { defaultGrants } from './default-grants.ts';
import { rolesToGrant } from './grant-roles.ts';
import type { Member } from './membership.ts';
import { standInLocked } from './standing.ts';

export interface NewMember {
  readonly organizationId: Id;
  readonly userId: Id;
  readonly grants: readonly Id[];
  readonly grantedBy: Id | null;
}

/** A step of every path on which somebody comes into an organization that is there already. */
export async function insertMember(ctx: Context, tx: Tx, actor: Actor, input: NewMember): Promise<Member> {
  const { organizationId, userId, grants, grantedBy } = input;
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  await tx.memberships.insert({ id, organizationId, userId, createdAt: now });
  await tx.memberships.setRoles(id, grants, grantedBy, now);
  const member = (await tx.memberships.find(id))!;
  await recordEvent(ctx, tx, actor, {
    type: 'organization.member_added',
    subject: userId,
    organizationId,
    data: { roles: [...member.roles] },
  });
  return member;
}

/**
 * The project's server puts somebody into an organization, with these roles or with what members get.
 * @throws Refusal organization_not_found, user_not_found, already_a_member, membership_limit_reached, role_not_found
 */
export async function addMember(
  ctx: Context,
  actor: ServerActor,
  input: { readonly organizationId: Id; readonly userId: Id; readonly roles?: readonly string[] },
): Promise<Member> {
  const { organizationId, userId } = input;
  const outcome = await act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, organizationId);
    if (standing instanceof Refusal) return standing;
    if (!(await tx.users.find(userId))) return refuse('user_not_found');
    if (await tx.memberships.findOf(organizationId, userId)) return refuse('already_a_member');
    if (await isFull(ctx, tx, organizationId)) return refuse('membership_limit_reached');
    if (!input.roles) {
      const grants = await defaultGrants(ctx, tx, organizationId, 'member');
      return insertMember(ctx, tx, actor, { organizationId, userId, grants, grantedBy: null });
    }
    const roles = await rolesToGrant(ctx, tx, standing, input.roles);
    if (roles instanceof Refusal) return roles;
    const grants = roles.map(({ id }) => id);
    return insertMember(ctx, tx, actor, { organizationId, userId, grants, grantedBy: null });
  }).catch(joinedMeanwhile);
  return settle(outcome);
}

/** Counted under the organization's lock. */
export async function isFull(ctx: Pick<Context, 'project'>, tx: Tx, organizationId: Id): Promise<boolean> {
  const { membershipLimit } = ctx.project.policy.organizations;
  return membershipLimit !== null && (await tx.memberships.count(organizationId)) >= membershipLimit;
}

/** Two at once: the unique index lets one through. */
export function joinedMeanwhile(fault: unknown): Refusal {
  if (fault instanceof Conflict && fault.index === 'membership_of_organization') return refuse('already_a_member');
  throw fault;
}
