import type { Config } from '../base/configuration.ts';
import { emailForm } from '../base/email-form.ts';
import { looksLikeId } from '../base/ids.ts';
import { readConfig } from '../config/read-config.ts';
import { makeDataDir } from '../config/secret-file.ts';
import type { Context } from '../core/context.ts';
import type { Person } from '../core/users/user.ts';
import { openLog } from '../log.ts';
import { type Core, openCore, type Stand } from '../open-core.ts';
import type { OpenProject } from '../open-projects.ts';
import { CommandFailure } from './failure.ts';

/** Standard output belongs to the result; what goes wrong on the way is said on the other one. */
export const commandStand = (): Stand => ({ log: openLog({ level: 'warn', pretty: true }, process.stderr) });

function commandConfig(): Config {
  const config = readConfig({ env: process.env, cwd: process.cwd() });
  makeDataDir(config.dataDir);
  return config;
}

/** Opens everything use cases need, also while the server runs, and closes it whatever happens. */
export async function withCore<T>(work: (core: Core) => Promise<T>): Promise<T> {
  const core = await openCore(commandConfig(), commandStand(), 'command');
  try {
    return await work(core);
  } finally {
    await core.close();
  }
}

/** The same for one project, named by its key in the configuration or by its id. */
export const withProject = <T>(named: string, work: (ctx: Context, project: OpenProject) => Promise<T>): Promise<T> =>
  withCore(async ({ projects }) => {
    const configured = projects.configured.find(({ configured: { key } }) => key === named);
    const project = configured ?? (await projects.find(named));
    if (project) return work(project.context('cli'), project);
    const known = projects.configured.map(({ configured: { key } }) => key).join(', ');
    throw new CommandFailure(
      `There is no project "${named}". Configured are: ${known}. All others are listed by \`latchkey project list\`.`,
    );
  });

/** The person an operator means: by id or by the address they sign in with. */
export async function findPerson(ctx: Context, named: string): Promise<Person> {
  const { users } = ctx.store.read;
  const email = emailForm(named);
  const person = looksLikeId(named)
    ? await users.find(named)
    : email
      ? await users.findByAuthEmail(email.normal)
      : await users.findByUsername(named.toLowerCase());
  if (person) return person;
  throw new CommandFailure(
    `Nobody in the project "${ctx.project.key}" is known as "${named}". Look with \`latchkey user list --search <part of it>\`.`,
  );
}

export const nameOf = (person: Person): string => person.email?.value ?? person.usernameNormal ?? person.id;
