import type { Id } from '../../base/ids.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import { hasControlCharacters } from '../../base/text.ts';
import { actorUserId } from '../actor.ts';
import type { Context } from '../context.ts';
import { memberPageSize } from './member-page-size.ts';
import type { Member, MemberPage } from './membership.ts';
import { findOrganization, type WhichOrganization } from './read-organization.ts';
import { type OrganizationActor, refuseUnless, type Standing, standAt, standIn } from './standing.ts';

/** @throws Refusal organization_required, organization_not_found, not_a_member, organization_permission_denied, input_invalid */
export async function listMembers(
  ctx: Context,
  actor: OrganizationActor,
  which: WhichOrganization,
  page: Omit<MemberPage, 'limit'> & { readonly limit?: number },
): Promise<{ readonly members: readonly Member[]; readonly total: number }> {
  if (page.filter?.values.some((value) => typeof value === 'string' && hasControlCharacters(value))) {
    throw new Refusal('input_invalid', { field: 'Invalid filter value' });
  }
  const { organization } = await standAmongMembers(ctx, actor, which);
  return ctx.store.read.memberships.list(organization.id, { ...page, limit: memberPageSize(ctx, page.limit) });
}

/**
 * One member, the actor unless somebody else is named. To look at oneself takes no right.
 * @throws Refusal organization_required, organization_not_found, not_a_member, organization_permission_denied, member_not_found
 */
export async function readMember(
  ctx: Context,
  actor: OrganizationActor,
  which: WhichOrganization,
  userId: Id | null = null,
): Promise<Member> {
  const asked = userId ?? actorUserId(actor);
  const { organization, member } = await standAmongMembers(ctx, actor, which, asked === actorUserId(actor));
  if (member && member.userId === asked) return member;
  const found = asked && (await ctx.store.read.memberships.findOf(organization.id, asked));
  if (!found)
    throw new Refusal('member_not_found', { organizationId: organization.id, ...(asked && { userId: asked }) });
  return found;
}

async function standAmongMembers(
  ctx: Context,
  actor: OrganizationActor,
  which: WhichOrganization,
  own = false,
): Promise<Standing> {
  const { read } = ctx.store;
  const found = settle(await findOrganization(read, actor, which));
  if (!found) throw new Refusal('organization_required');
  const standing = settle(await standAt(read, actor, found));
  if (!own) settle(refuseUnless(standing, 'members.read'));
  return standing;
}

/**
 * Members as they show themselves. A person reads those of one organization; a server all it asks for.
 * @param of.userId only this one, which takes no right of whoever it is
 * @throws Refusal organization_required, not_a_member, organization_not_found, organization_permission_denied
 */
export async function listMemberProfiles(
  ctx: Context,
  actor: OrganizationActor,
  of: { readonly organizationId?: Id; readonly userId?: Id },
): Promise<readonly Member[]> {
  const { read } = ctx.store;
  if (of.organizationId !== undefined || actor.kind === 'user') {
    const standing = settle(await standIn(read, actor, of.organizationId ?? null));
    if (!standing.member || standing.member.userId !== of.userId) settle(refuseUnless(standing, 'members.read'));
  }
  return read.memberships.listAll(of);
}
