import { Command } from 'commander';
import { version } from '../version.ts';

/** A command's own code is loaded when it runs: help and mistakes are answered at once. */
export function program(): Command {
  const latchkey = new Command('latchkey')
    .description('Self-hosted identity server. Settings come from the environment and latchkey.json.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('Run it with --help to see how it is used.')
    .addHelpText('after', `\nExit codes: 0 done, 1 refused or failed, 2 wrong usage.${example('latchkey start')}`);

  latchkey
    .command('start')
    .description('start the server; it brings the database up to date first')
    .addHelpText('after', example('PUBLIC_URL=https://id.example.com latchkey start'))
    .action(async () => (await import('../start.ts')).start());

  latchkey
    .command('migrate')
    .description('bring the database up to date')
    .option('--plan', 'print what would be applied, as SQL, and change nothing')
    .option('--down', 'revert the migration that was applied last; what it added is lost')
    .addHelpText('after', example('latchkey migrate --plan'))
    .action(async (options) => (await import('./commands/migrate.ts')).migrate(options));

  latchkey
    .command('backup <file>')
    .description('copy database and stored files into one file; works while the server runs; SECRET is not in it')
    .option('--force', 'replace the file if it is there')
    .addHelpText('after', '\nWith - the backup goes to standard output.')
    .addHelpText('after', example('latchkey backup /var/backups/latchkey-$(date +%F).backup'))
    .action(async (file, options) => (await import('./commands/backup.ts')).backup(file, options));

  latchkey
    .command('restore <file>')
    .description('load a backup into an empty database, SQLite or PostgreSQL, whichever it was made on')
    .option('--verify', 'only check that the backup can be restored; needs as much room in TMPDIR as the database')
    .option('--without-sessions', 'sign everybody out: sessions and trusted devices stay behind')
    .option('--other-secret', 'restore although SECRET is another one; what was sealed under the old one is lost')
    .addHelpText('after', example('latchkey restore /var/backups/latchkey-2026-08-01.backup'))
    .action(async (file, options) => (await import('./commands/restore.ts')).restore(file, options));

  latchkey
    .command('doctor')
    .description('check everything a start needs and say how to mend it; exits with 1 when something fails')
    .addHelpText('after', example('latchkey doctor'))
    .action(async () => (await import('./commands/doctor.ts')).doctor());

  latchkey
    .command('config')
    .description('look at the configuration')
    .command('print')
    .description('print every key, its value and where it came from; secrets are left out')
    .option('--json', 'print JSON')
    .addHelpText('after', example('latchkey config print --json'))
    .action(async (options) => (await import('./commands/config-print.ts')).configPrint(options));

  latchkey
    .command('admin-link')
    .description('print a link that makes the first administrator, as the start does while there is none')
    .addHelpText('after', example('latchkey admin-link'))
    .action(async () => (await import('./commands/admin-link.ts')).adminLink());

  addProjectCommands(latchkey.command('project').description('look after projects and their keys'));
  addUserCommands(latchkey.command('user').description('look after people; works while the server runs'));
  return latchkey;
}

function addProjectCommands(project: Command): void {
  const chosen = ['--project <key|id>', 'which project', 'default'] as const;

  project
    .command('list')
    .description('list projects with the ids that Hexclave clients are configured with')
    .option('--json', 'print JSON')
    .addHelpText('after', example('latchkey project list'))
    .action(async (options) => (await import('./commands/project.ts')).projectList(options));

  project
    .command('create <name>')
    .description('make a project of its own, as the Hexclave admin API does')
    .addHelpText('after', example('latchkey project create "My shop"'))
    .action(async (name) => (await import('./commands/project.ts')).projectCreate(name));

  const keys = project.command('keys').description('keys that applications show for themselves (Hexclave)');
  keys
    .command('create')
    .description('make keys and print them: this is the only time')
    .option(...chosen)
    .option('--publishable', 'for browsers; most projects need none')
    .option('--server', 'for services of the application')
    .option('--admin', 'for whoever administers the project')
    .option('--for <time>', 'how long they last: 12h, 30d; without it, until revoked')
    .option('--description <text>', 'what they are for', 'made at the command line')
    .addHelpText('after', example('latchkey project keys create --publishable --server'))
    .action(async (options) => (await import('./commands/project-keys.ts')).projectKeysCreate(options));
  keys
    .command('list')
    .description('list keys, newest first')
    .option(...chosen)
    .addHelpText('after', example('latchkey project keys list'))
    .action(async (options) => (await import('./commands/project-keys.ts')).projectKeysList(options));
  keys
    .command('revoke <id>')
    .description('end a set of keys at once')
    .option(...chosen)
    .addHelpText('after', example('latchkey project keys revoke 0192f3c4-…'))
    .action(async (id, options) => (await import('./commands/project-keys.ts')).projectKeysRevoke(id, options));

  project
    .command('rotate-signing-keys')
    .description('sign tokens with the next keys from now on; those signed before stay valid until they are over')
    .option(...chosen)
    .addHelpText('after', example('latchkey project rotate-signing-keys'))
    .action(async (options) => (await import('./commands/project.ts')).rotateKeys(options));
}

function addUserCommands(user: Command): void {
  const add = (usage: string, says: string, shown: string): Command =>
    user
      .command(usage)
      .description(says)
      .option('--project <key>', 'the project the person belongs to', 'default')
      .addHelpText('after', example(shown));

  add(
    'create [email]',
    'create a person; asks at a terminal for what is missing',
    'pass show ada | latchkey user create ada@example.com --name Ada --password-stdin --role admin --verified',
  )
    .option('--name <name>', 'the name people read')
    .option('--username <name>', 'a username to sign in with')
    .option('--password <password>', 'the password; other users of this machine may see it, so rather use the next one')
    .option('--password-stdin', 'read the password from standard input')
    .option('--role <key>', 'give a role of the project; may be repeated', (role, all: string[]) => [...all, role], [])
    .option('--verified', 'vouch for the address')
    .action(async (email, options) => (await import('./commands/user-create.ts')).userCreate(email, options));

  add('list', 'list people', 'latchkey user list --search example.com --json')
    .option('--search <text>', 'part of an address, a username or a name')
    .option('--limit <count>', 'how many at most', '50')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/user-list.ts')).userList(options));

  add(
    'ban <email|id>',
    'keep a person out; every session ends at once',
    'latchkey user ban ada@example.com --reason "Spam" --for 7d',
  )
    .option('--reason <text>', 'shown to administrators and to the person')
    .option('--for <time>', 'how long: 30m, 12h, 7d, 2w; without it, until unbanned')
    .action(async (named, options) => (await import('./commands/user-ban.ts')).userBan(named, options));

  add('unban <email|id>', 'let a banned person in again', 'latchkey user unban ada@example.com').action(
    async (named, options) => (await import('./commands/user-ban.ts')).userUnban(named, options),
  );

  add(
    'set-role <email|id> [roles...]',
    'give a person exactly these roles of the project; without any, take all away',
    'latchkey user set-role ada@example.com admin',
  ).action(async (named, roles, options) =>
    (await import('./commands/user-set-role.ts')).userSetRole(named, roles, options),
  );

  add(
    'reset-password <email|id>',
    'print a link to choose a new password, or set one',
    'latchkey user reset-password ada@example.com',
  )
    .option('--password-stdin', 'set the password read from standard input instead')
    .action(async (named, options) =>
      (await import('./commands/user-reset-password.ts')).userResetPassword(named, options),
    );
}

function example(command: string): string {
  return `\n\nExample:\n  $ ${command}\n`;
}
