import { type Refusal, refuse } from '../../base/refusal.ts';
import { hasControlCharacters } from '../../base/text.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { OrganizationRole } from './role.ts';
import type { Standing } from './standing.ts';

/** More than an organization can have beside those that every one has. */
const mostRoles = 120;

/**
 * The roles of these names, if this member may give them: nobody grants what they lack, and only owners make owners
 * (rule 29).
 * @param alreadyGiven names that the receiver has: keeping them is no gift
 * @returns input_invalid (no name, too many), role_not_found, role_not_grantable
 */
export async function rolesToGrant(
  ctx: Pick<Context, 'project'>,
  tx: Pick<Tx, 'organizationRoles'>,
  standing: Standing,
  names: readonly string[],
  alreadyGiven: readonly string[] = [],
): Promise<readonly OrganizationRole[] | Refusal> {
  const keys = [...new Set(names.map((name) => name.normalize('NFKC')))];
  if (keys.length === 0) return refuse('input_invalid', { field: 'At least one role is required' });
  if (keys.length > mostRoles) return refuse('input_invalid', { field: 'Too many roles' });
  const found = await tx.organizationRoles.named(
    standing.organization.id,
    keys.filter((key) => !hasControlCharacters(key)),
  );
  const { dynamicRoles } = ctx.project.policy.organizations;
  const usable = found.filter(({ organizationId }) => organizationId === null || dynamicRoles);
  const unknown = keys.filter((key) => !usable.some((role) => role.key === key));
  if (unknown.length > 0) return refuse('role_not_found', { field: unknown.join(', ') });
  for (const role of usable) {
    if (alreadyGiven.includes(role.key)) continue;
    const missing = standing.lacking(role.permissions);
    if (missing.length > 0 || (role.owner && !standing.owner)) return refuse('role_not_grantable', { missing });
  }
  return keys.map((key) => usable.find((role) => role.key === key)!);
}
