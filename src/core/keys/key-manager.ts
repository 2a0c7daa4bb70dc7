import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Organization } from '../orgs/organization.ts';
import { refuseUnless, standingOf } from '../orgs/standing.ts';
import type { Reads } from '../store.ts';

export type OrganizationReading = Pick<Reads, 'organizations' | 'memberships' | 'organizationRoles'>;

/**
 * May this person make, see, change and end the keys of the organization? Null: yes (core map O5).
 * @returns not_a_member (also of an organization that does not exist), organization_permission_denied
 */
export async function refuseKeyManager(
  reads: OrganizationReading,
  organization: Organization | null,
  userId: Id,
): Promise<Refusal | null> {
  const standing = await standingOf(reads, organization, userId);
  if (standing instanceof Refusal) return standing;
  return refuseUnless(standing, 'keys.manage');
}
