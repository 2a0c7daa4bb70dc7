import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { type Actor, actorUserId } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Organization } from './organization.ts';
import { type OrganizationActor, refuseUnless, standInLocked } from './standing.ts';

/** @throws Refusal organization_deletion_disabled, not_a_member, organization_not_found, organization_permission_denied */
export async function deleteOrganization(
  ctx: Context,
  actor: OrganizationActor,
  organizationId: Id,
): Promise<Organization> {
  if (actor.kind !== 'server' && !ctx.project.policy.organizations.deletion)
    throw new Refusal('organization_deletion_disabled');
  return act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'org.delete');
    if (denied) return denied;
    await dissolveOrganization(ctx, tx, actor, standing.organization);
    return standing.organization;
  });
}

/** Ends everything that hangs on an organization. The row stays, for events and bills name it; its slug is free. */
export async function dissolveOrganization(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  organization: Organization,
): Promise<void> {
  const { id } = organization;
  const now = ctx.clock.now();
  await tx.invitations.cancelAllOf(id, actorUserId(actor), now);
  await tx.teams.removeAllOf(id);
  await tx.sessions.clearActive({ organizationId: id }, null, now);
  await tx.users.deselect(id, null, now);
  await tx.memberships.removeAllOf(id);
  await tx.organizationRoles.removeAllOf(id);
  for (const apiKeyId of await tx.apiKeys.revokeAllOfOrganization(id, 'organization_deleted', now)) {
    await recordEvent(ctx, tx, actor, { type: 'api_key.revoked', subject: null, organizationId: id, apiKeyId });
  }
  await tx.organizations.end(id, now);
  await recordEvent(ctx, tx, actor, {
    type: 'organization.deleted',
    subject: null,
    organizationId: id,
    data: { slug: organization.slug },
  });
}
