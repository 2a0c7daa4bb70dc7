import type { Id } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { ProjectPermission } from '../permissions/project-permissions.ts';
import { type AdminActor, covers, type ProjectRights, rightsOf } from '../permissions/project-rights.ts';
import type { Tx } from '../store.ts';
import type { Person } from './user.ts';

/**
 * Whom an administrator acts on. Somebody who holds more than the actor is out of reach: with their password, address,
 * sessions or roles the actor would have what they lack (rule 29).
 * @param rights what the actor holds, as the door of the transaction read it
 * @param permission what the act needs, for the words of the refusal
 * @returns user_not_found, permission_denied with the permission as `field`
 */
export async function findTarget(
  ctx: Pick<Context, 'project'>,
  tx: Tx,
  rights: ProjectRights,
  userId: Id,
  permission: ProjectPermission,
): Promise<Person | Refusal> {
  await tx.users.hold(userId);
  const person = await tx.users.find(userId);
  if (!person) return refuse('user_not_found');
  return covers(rights, await rightsOf(ctx, tx, person))
    ? person
    : refuse('permission_denied', { field: permission, why: 'the person holds more than the actor' });
}

export const isSelf = (actor: AdminActor, userId: Id): boolean =>
  actor.kind === 'user' && actor.live.user.id === userId;
