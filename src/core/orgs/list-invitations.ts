import type { Id } from '../../base/ids.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Invitation } from './invitation.ts';
import type { Member } from './membership.ts';
import type { Organization } from './organization.ts';
import { findInvitation, recipientAddress, refuseClosed, refuseRestricted } from './recipient.ts';
import { ownerRole } from './role.ts';
import { type OrganizationActor, refuseUnless, type Standing, standIn } from './standing.ts';

/** Who is to become an owner is the owners' affair. */
export const visibleInvitations = (standing: Standing, all: readonly Invitation[]): readonly Invitation[] =>
  standing.owner ? all : all.filter(({ roles }) => !roles.some(({ key }) => key === ownerRole));

/** Oldest first. @throws Refusal organization_required, not_a_member, organization_permission_denied */
export async function listInvitations(
  ctx: Context,
  actor: OrganizationActor,
  organizationId: Id | null,
  only: 'open' | 'all' = 'all',
): Promise<readonly Invitation[]> {
  const standing = settle(await standIn(ctx.store.read, actor, organizationId));
  settle(refuseUnless(standing, 'members.read'));
  settle(refuseUnless(standing, 'invitations.read'));
  const all = visibleInvitations(standing, await ctx.store.read.invitations.listOf(standing.organization.id));
  return only === 'all' ? all : all.filter((invitation) => !refuseClosed(invitation, ctx.clock.now()));
}

export interface OwnInvitation {
  readonly invitation: Invitation;
  readonly organization: Organization;
}

/** Open invitations to the actor's verified addresses. @throws Refusal invitation_needs_verified_email when none is verified */
export async function listOwnInvitations(ctx: Context, actor: UserActor): Promise<readonly OwnInvitation[]> {
  const found = await listInvitationsTo(ctx, actor.live.user.id);
  if (found === null) throw new Refusal('invitation_needs_verified_email');
  return found;
}

/** Open invitations to the person's verified addresses; null when none is verified. */
export async function listInvitationsTo(ctx: Context, userId: Id): Promise<readonly OwnInvitation[] | null> {
  const { read } = ctx.store;
  const own = await read.emails.listOf(userId);
  const verified = own.filter(({ verifiedAt }) => verifiedAt !== null);
  if (verified.length === 0) return null;
  const open = await read.invitations.listFor(
    verified.map(({ normal }) => normal),
    ctx.clock.now(),
  );
  const listed: OwnInvitation[] = [];
  for (const invitation of open) {
    const organization = await read.organizations.find(invitation.organizationId);
    if (organization) listed.push({ invitation, organization });
  }
  return listed;
}

/**
 * What whoever holds the mailed code may see before they are anybody. @throws Refusal invitation_not_found
 */
export async function previewInvitation(ctx: Context, code: string): Promise<OwnInvitation> {
  const { read } = ctx.store;
  const { invitation, byCode } = settle(await findInvitation(ctx, read, code));
  if (!byCode) throw new Refusal('invitation_not_found');
  const closed = refuseClosed(invitation, ctx.clock.now());
  if (closed) throw closed;
  const organization = await read.organizations.find(invitation.organizationId);
  if (!organization) throw new Refusal('invitation_not_found');
  return { invitation, organization };
}

/**
 * What the recipient is shown before they answer.
 * @param handle the invitation's id or the mailed code
 * @throws Refusal invitation_not_found, invitation_not_yours, invitation_needs_verified_email, organization_not_found,
 *   user_restricted
 */
export async function readOwnInvitation(ctx: Context, actor: UserActor, handle: string): Promise<OwnInvitation> {
  const { read } = ctx.store;
  const restricted = refuseRestricted(ctx, actor.live.user);
  if (restricted) throw restricted;
  const found = settle(await findInvitation(ctx, read, handle));
  const { invitation } = found;
  const closed = refuseClosed(invitation, ctx.clock.now());
  if (closed) throw closed;
  settle(await recipientAddress(ctx, read, actor.live.user.id, found));
  const organization = await read.organizations.find(invitation.organizationId);
  if (!organization) throw new Refusal('organization_not_found');
  return { invitation, organization };
}

/** With whoever invited. @throws Refusal as `readOwnInvitation`, and inviter_left */
export async function readInvitation(
  ctx: Context,
  actor: UserActor,
  handle: string,
): Promise<OwnInvitation & { readonly inviter: Member }> {
  const own = await readOwnInvitation(ctx, actor, handle);
  const { inviterId, organizationId } = own.invitation;
  const inviter = inviterId && (await ctx.store.read.memberships.findOf(organizationId, inviterId));
  if (!inviter) throw new Refusal('inviter_left');
  return { ...own, inviter };
}
