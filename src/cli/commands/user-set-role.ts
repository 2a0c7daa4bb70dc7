import { systemActor } from '../../core/actor.ts';
import { setUserRoles } from '../../core/users/set-user-roles.ts';
import { print } from '../terminal.ts';
import { findPerson, nameOf, withProject } from '../with-project.ts';

export async function userSetRole(
  named: string,
  roles: readonly string[],
  options: { readonly project: string },
): Promise<void> {
  await withProject(options.project, async (ctx) => {
    const { id } = await findPerson(ctx, named);
    const person = await setUserRoles(ctx, systemActor, { userId: id, roles });
    print(`${nameOf(person)} has ${roles.length === 0 ? 'no role' : `the roles ${person.roles.join(', ')}`} now.`);
  });
}
