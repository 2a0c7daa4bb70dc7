import type { Id } from '../../base/ids.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Invitation } from './invitation.ts';
import type { Member } from './membership.ts';
import type { Organization } from './organization.ts';
import { findInvitation, recipientAddress } from './recipient.ts';
import { ownerRole } from './role.ts';
import { type Standing, standIn } from './standing.ts';

/** Who is to become an owner is the owners' affair. */
export const visibleInvitations = (standing: Standing, all: readonly Invitation[]): readonly Invitation[] =>
  standing.member.owner ? all : all.filter(({ roles }) => !roles.some(({ key }) => key === ownerRole));

/** Invitations of every state. @throws Refusal organization_required, not_a_member, organization_permission_denied */
export async function listInvitations(
  ctx: Context,
  actor: UserActor,
  organizationId: Id | null,
): Promise<readonly Invitation[]> {
  const standing = settle(await standIn(ctx.store.read, actor, organizationId));
  if (!standing.may('invitations.read')) throw new Refusal('organization_permission_denied');
  return visibleInvitations(standing, await ctx.store.read.invitations.listOf(standing.organization.id));
}

export interface OwnInvitation {
  readonly invitation: Invitation;
  readonly organization: Organization;
}

/** Open invitations to the actor's verified addresses. @throws Refusal invitation_needs_verified_email when none is verified */
export async function listOwnInvitations(ctx: Context, actor: UserActor): Promise<readonly OwnInvitation[]> {
  const { read } = ctx.store;
  const own = await read.emails.listOf(actor.live.user.id);
  const verified = own.filter(({ verifiedAt }) => verifiedAt !== null);
  if (verified.length === 0) throw new Refusal('invitation_needs_verified_email');
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
  const open = byCode && invitation.state === 'pending' && invitation.expiresAt > ctx.clock.now();
  const organization = open ? await read.organizations.find(invitation.organizationId) : null;
  if (!organization) throw new Refusal('invitation_not_found');
  return { invitation, organization };
}

/**
 * What the recipient is shown before they answer.
 * @param handle the invitation's id or the mailed code
 * @throws Refusal invitation_not_found, invitation_not_yours, invitation_needs_verified_email, organization_not_found, inviter_left
 */
export async function readInvitation(
  ctx: Context,
  actor: UserActor,
  handle: string,
): Promise<OwnInvitation & { readonly inviter: Member }> {
  const { read } = ctx.store;
  const found = settle(await findInvitation(ctx, read, handle));
  const { invitation } = found;
  if (invitation.state !== 'pending' || invitation.expiresAt <= ctx.clock.now()) {
    throw new Refusal('invitation_not_found');
  }
  settle(await recipientAddress(ctx, read, actor, found));
  const organization = await read.organizations.find(invitation.organizationId);
  if (!organization) throw new Refusal('organization_not_found');
  const inviter = invitation.inviterId && (await read.memberships.findOf(organization.id, invitation.inviterId));
  if (!inviter) throw new Refusal('inviter_left');
  return { invitation, organization, inviter };
}
