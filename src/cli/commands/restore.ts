import { compareSecrets, type Installed, restore as restoreHere, type SecretMatch } from '../../back-up.ts';
import type { DatabaseConfig } from '../../base/configuration.ts';
import { makeDataDir } from '../../config/secret-file.ts';
import { type CheckedBackup, checkBackup, tryBackup } from '../../store/backup/restore-backup.ts';
import { readMigrations } from '../../store/migrate.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { installedHere, partRows, untilStopped } from '../installed.ts';
import { note, print } from '../terminal.ts';

export interface RestoreCommand {
  readonly verify?: boolean;
  readonly withoutSessions?: boolean;
  readonly otherSecret?: boolean;
}

export async function restore(file: string, options: RestoreCommand): Promise<void> {
  if (options.verify && (options.withoutSessions || options.otherSecret)) {
    throw new CommandFailure('--verify restores nothing, so it takes no other option.', exitCodes.usage);
  }
  const installed = installedHere();
  await untilStopped(async (signal) => {
    const backup = await checkBackup(file, readMigrations(), signal);
    await (options.verify ? verify({ ...installed, signal }, backup) : load({ ...installed, signal }, backup, options));
  });
}

async function verify(installed: Installed, backup: CheckedBackup): Promise<void> {
  const { clock, signal } = installed;
  await tryBackup(backup, { clock, migrations: readMigrations(), ...(signal && { signal }) });
  const { header, closing } = backup;
  print(`${backup.path} can be restored.`);
  print(
    `Taken ${header.takenAt} by Latchkey ${header.takenBy} on ${engineNames[header.engine]}, schema ${header.migrations.at(-1)?.name}`,
  );
  print(`Holds ${partRows(backup)}`);
  if (closing.filesMissing + closing.filesDamaged > 0) {
    print(
      `Lacks ${closing.filesMissing} stored files that were missing and ${closing.filesDamaged} that were damaged when it was taken`,
    );
  }
  print(secretWords[compareSecrets(installed, header.secrets)]);
}

async function load(installed: Installed, backup: CheckedBackup, options: RestoreCommand): Promise<void> {
  const match = compareSecrets(installed, backup.header.secrets);
  if (!options.otherSecret) refuseOtherSecret(match, backup, installed);
  if (installed.config.database.engine === 'sqlite') makeDataDir(installed.config.dataDir);
  const applied = await restoreHere(installed, backup, {
    withoutSessions: options.withoutSessions === true,
    otherSecret: options.otherSecret === true,
  });
  print(`Restored ${backup.path} into ${placeOf(installed.config.database)}: ${partRows(backup)}`);
  if (options.withoutSessions) print('Sessions and trusted devices were left out: everybody signs in again.');
  for (const name of applied) print(`Applied ${name}`);
  if (match === 'previous missing') note(secretWords[match]);
  print('Start the server now.');
}

function refuseOtherSecret(match: SecretMatch, { header }: CheckedBackup, { config }: Installed): void {
  const forced = 'With --other-secret it is restored all the same, and what was sealed is lost. Nothing was changed.';
  if (match === 'other') {
    throw new CommandFailure(
      `The backup belongs to another SECRET than the one configured here, so what is sealed in it cannot be opened. ` +
        `Set SECRET to that of the installation it was taken of. ${forced}`,
    );
  }
  if (header.secrets !== null && config.secrets.current === '') {
    throw new CommandFailure(
      `No SECRET is configured here, and ${config.dataDir}/secret is not there. Set SECRET to that of the installation ` +
        `the backup was taken of, or put its file there. ${forced}`,
    );
  }
}

const placeOf = (database: DatabaseConfig): string =>
  database.engine === 'sqlite' ? database.file : `schema "${database.schema}" of PostgreSQL`;

const engineNames = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;

const secretWords: Readonly<Record<SecretMatch, string>> = {
  same: 'SECRET of this installation is the right one',
  other: 'SECRET of this installation is another one: set it to that of the installation the backup was taken of',
  'previous missing': 'A secret of SECRET_PREVIOUS is missing here: what is still sealed under it cannot be opened',
  unknown: 'SECRET was not compared, because none is configured here or where the backup was taken',
};
