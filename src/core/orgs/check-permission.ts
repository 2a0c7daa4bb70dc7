import type { Id } from '../../base/ids.ts';
import { settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { standIn } from './standing.ts';

/**
 * May the actor do all of this in the organization? One of their roles must allow it whole (core map O5).
 * To ask for nothing is no question: no.
 * @throws Refusal organization_required, not_a_member
 */
export async function checkPermission(
  ctx: Context,
  actor: UserActor,
  input: { readonly organizationId: Id | null; readonly permissions: readonly string[] },
): Promise<boolean> {
  const { roles } = settle(await standIn(ctx.store.read, actor, input.organizationId));
  if (input.permissions.length === 0) return false;
  return roles.some((role) => input.permissions.every((permission) => role.permissions.has(permission)));
}
