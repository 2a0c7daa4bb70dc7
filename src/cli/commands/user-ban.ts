import { systemActor } from '../../core/actor.ts';
import { banUser, unbanUser } from '../../core/users/ban-user.ts';
import { seconds } from '../duration.ts';
import { print } from '../terminal.ts';
import { findPerson, nameOf, withProject } from '../with-project.ts';

export async function userBan(
  named: string,
  options: { readonly project: string; readonly reason?: string; readonly for?: string },
): Promise<void> {
  const length = options.for === undefined ? null : seconds(options.for);
  await withProject(options.project, async (ctx) => {
    const person = await findPerson(ctx, named);
    await banUser(ctx, systemActor, { userId: person.id, reason: options.reason ?? null, seconds: length });
    print(`Banned ${nameOf(person)}${options.for ? ` for ${options.for}` : ''}. Every session has ended.`);
  });
}

export async function userUnban(named: string, options: { readonly project: string }): Promise<void> {
  await withProject(options.project, async (ctx) => {
    const person = await findPerson(ctx, named);
    await unbanUser(ctx, systemActor, person.id);
    print(person.bannedAt === null ? `${nameOf(person)} was not banned.` : `${nameOf(person)} may sign in again.`);
  });
}
