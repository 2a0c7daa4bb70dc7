import type { Id } from '../../base/ids.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import { notAMember } from './standing.ts';

/**
 * A step of editing a person: the organization that new sessions of theirs work in; null: none (core map O3).
 * Locked, so that a removal at the same moment is either seen here or clears what is written here.
 * @returns not_a_member
 */
export async function selectOrganization(
  ctx: Pick<Context, 'clock'>,
  tx: Tx,
  userId: Id,
  organizationId: Id | null,
): Promise<Refusal | null> {
  if (organizationId !== null) {
    const organization = await tx.organizations.lock(organizationId);
    if (!organization || !(await tx.memberships.findOf(organizationId, userId))) {
      return notAMember(organizationId, userId);
    }
  }
  await tx.users.update(userId, { selectedOrganizationId: organizationId }, ctx.clock.now());
  return null;
}
