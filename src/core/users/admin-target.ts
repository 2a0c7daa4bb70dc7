import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { ProjectPermission } from '../permissions/project-permissions.ts';
import { type AdminActor, admitAdmin, covers, type ProjectRights, rightsOf } from '../permissions/project-rights.ts';
import type { Tx } from '../store.ts';
import type { Person } from './user.ts';

export interface AdminTarget {
  readonly person: Person;
  /** What the actor holds. */
  readonly rights: ProjectRights;
}

/**
 * Whom an administrator acts on. Somebody who holds more than the actor is out of reach: with their password, address
 * or roles the actor would have what they lack (rule 29).
 * @returns not_signed_in, permission_denied with the permission as `field`, user_not_found
 */
export async function admitTarget(
  ctx: Context,
  tx: Tx,
  actor: AdminActor,
  userId: Id,
  permissions: readonly [ProjectPermission, ...ProjectPermission[]],
): Promise<AdminTarget | Refusal> {
  const rights = await admitAdmin(ctx, tx, actor, permissions);
  if (rights instanceof Refusal) return rights;
  const person = await tx.users.find(userId);
  if (!person) return refuse('user_not_found');
  if (!covers(rights, await rightsOf(ctx, tx, person))) {
    return refuse('permission_denied', { field: permissions[0], why: 'the person holds more than the actor' });
  }
  return { person, rights };
}

export const isSelf = (actor: AdminActor, userId: Id): boolean =>
  actor.kind === 'user' && actor.live.user.id === userId;
