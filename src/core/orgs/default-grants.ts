import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import { memberRole, ownerRole } from './role.ts';

/** How somebody came into an organization. */
export type Joining = 'creator' | 'member';

/**
 * What people get when they found or join an organization: what the project's configuration names, else the role that
 * is there for it. Names that mean nothing any more are left out.
 */
export async function defaultGrants(
  ctx: Pick<Context, 'project'>,
  reads: Pick<Reads, 'grants' | 'organizationRoles'>,
  organizationId: Id,
  joining: Joining,
): Promise<readonly Id[]> {
  const { creatorGrants, memberGrants } = ctx.project.policy.organizations;
  const names = joining === 'creator' ? creatorGrants : memberGrants;
  if (names === null) {
    const role = joining === 'creator' ? ownerRole : memberRole;
    return (await reads.organizationRoles.named(organizationId, [role])).map(({ id }) => id);
  }
  if (names.length === 0) return [];
  const graph = await reads.grants.graph('organization');
  return names.flatMap((name) => graph.find((node) => node.publicName === name)?.id ?? []);
}
