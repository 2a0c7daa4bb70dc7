import { systemActor } from '../../core/actor.ts';
import { createUser } from '../../core/users/create-user.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { askPassword, askText, atTerminal, lineFromStdin, note, print } from '../terminal.ts';
import { withProject } from '../with-project.ts';

export interface UserCreateOptions {
  readonly project: string;
  readonly name?: string;
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly role: readonly string[];
  readonly verified?: boolean;
}

export async function userCreate(given: string | undefined, options: UserCreateOptions): Promise<void> {
  const email = given ?? (await askText('E-mail address', 'The e-mail address'));
  const password = await passwordFrom(options);
  const person = await withProject(options.project, (ctx) =>
    createUser(ctx, systemActor, {
      email,
      password,
      displayName: options.name ?? null,
      username: options.username ?? null,
      roles: options.role,
      emailVerified: options.verified ?? false,
    }),
  );
  print(`Created ${person.email!.value} with id ${person.id}.`);
  if (password === null) note(`There is no password yet: \`latchkey user reset-password ${email}\` prints a link.`);
}

/** Null: none for now. */
async function passwordFrom(options: UserCreateOptions): Promise<string | null> {
  if (options.password !== undefined && options.passwordStdin) {
    throw new CommandFailure('Give either --password or --password-stdin.', exitCodes.usage);
  }
  if (options.password !== undefined) return options.password;
  if (options.passwordStdin) return lineFromStdin();
  if (!atTerminal()) return null;
  return (await askPassword('Password (leave empty for none)', '--password-stdin')) || null;
}
