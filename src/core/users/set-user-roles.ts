import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { actorUserId } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import { expandGrants } from '../permissions/grant-graph.ts';
import { refusedAsLastAdministrator } from '../permissions/last-administrator.ts';
import { type AdminActor, covers, may, type ProjectRights, rightsOf } from '../permissions/project-rights.ts';
import type { Tx } from '../store.ts';
import { findTarget } from './admin-target.ts';
import type { Person } from './user.ts';

/**
 * The person has exactly these roles of the project afterwards.
 * @throws Refusal not_signed_in, permission_denied, user_not_found, role_not_found, role_not_grantable, last_administrator
 */
export async function setUserRoles(
  ctx: Context,
  actor: AdminActor,
  input: { readonly userId: Id; readonly roles: readonly string[] },
): Promise<Person> {
  return act(ctx, actor, { may: ['users.set_role'] }, async (tx, { rights }) => {
    const person = await findTarget(ctx, tx, rights, input.userId, 'users.set_role');
    if (person instanceof Refusal) return person;
    const refused = await writeRoles(ctx, tx, actor, person, input.roles, rights);
    return refused ?? (await tx.users.find(input.userId))!;
  });
}

/** A step of every path that gives roles. @returns role_not_found, role_not_grantable, last_administrator; nothing is written then */
export async function writeRoles(
  ctx: Context,
  tx: Tx,
  actor: AdminActor,
  person: Pick<Person, 'id' | 'roles'>,
  asked: readonly string[],
  rights: ProjectRights,
): Promise<Refusal | null> {
  const roles = [...new Set(asked)];
  for (const role of roles) if (!(await tx.roles.exists(role))) return refuse('role_not_found', { field: role });
  const added = roles.filter((role) => !person.roles.includes(role));
  if (!covers(rights, expandGrants(await tx.grants.graph('project'), added))) return refuse('role_not_grantable');
  const last = await refusedAsLastAdministrator(ctx, tx, actor, person.id, roles);
  if (last) return last;
  await tx.users.setRoles(person.id, roles, actorUserId(actor), ctx.clock.now());
  // What they opened as somebody else rested on a right that may be gone.
  if (!may(await rightsOf(ctx, tx, { id: person.id, roles }), 'users.impersonate')) {
    await endFor(ctx, tx, actor, 'impersonation_withdrawn', person.id);
  }
  await recordEvent(ctx, tx, actor, { type: 'account.roles_changed', subject: person.id, data: { roles } });
  return null;
}
