import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { type Clock, isoTime } from './base/clock.ts';
import type { Config } from './base/configuration.ts';
import type { Random } from './base/random.ts';
import { createVault } from './crypto/vault.ts';
import { diskStorage } from './files/disk-storage.ts';
import type { SecretChecks } from './store/backup/format.ts';
import { openSnapshot } from './store/backup/open-snapshot.ts';
import { type CheckedBackup, restoreBackup } from './store/backup/restore-backup.ts';
import { type BackupSummary, writeBackup } from './store/backup/write-backup.ts';
import { readMigrations } from './store/migrate.ts';
import { version } from './version.ts';

/** An installation as a backup sees it. `secrets.current` is empty when there is none yet. */
export interface Installed {
  readonly config: Pick<Config, 'database' | 'dataDir' | 'secrets'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

/** Copies one moment of database and stored files to `sink`, while others write. */
export async function backUp({ config, clock, random, signal }: Installed, sink: Writable): Promise<BackupSummary> {
  const snapshot = await openSnapshot(config.database);
  try {
    const source = {
      ...{ snapshot, files: filesOf(config, random), secrets: secretChecks(config.secrets, random) },
      ...{ takenAt: isoTime(clock.now()), takenBy: version, migrations: readMigrations(), ...(signal && { signal }) },
    };
    return await writeBackup(source, sink);
  } finally {
    await snapshot.close();
  }
}

/** @returns names of the migrations that came after the backup */
export function restore(
  { config, clock, random, signal }: Installed,
  backup: CheckedBackup,
  options: { readonly withoutSessions: boolean; readonly otherSecret?: boolean },
): Promise<readonly string[]> {
  return restoreBackup(backup, config.database, {
    ...{ clock, migrations: readMigrations(), files: filesOf(config, random), ...options },
    ...(signal && { signal }),
  });
}

/** `previous`: what is still sealed under one of SECRET_PREVIOUS cannot be opened. */
export type SecretMatch = 'same' | 'other' | 'previous missing' | 'unknown';

/** Whether what is sealed in a backup can be opened here. Unknown: one of the two has no secret. */
export function compareSecrets(
  { config, random }: Pick<Installed, 'config' | 'random'>,
  checks: SecretChecks | null,
): SecretMatch {
  if (checks === null || config.secrets.current === '') return 'unknown';
  const vault = createVault(config.secrets, random);
  const known = checks.macs.map((mac) => vault.verifyMac('backup file', checks.salt, Buffer.from(mac, 'base64')));
  if (known[0] !== true) return 'other';
  return known.every(Boolean) ? 'same' : 'previous missing';
}

function secretChecks({ current, previous }: Config['secrets'], random: Random): SecretChecks | null {
  if (current === '') return null;
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  const macs = [current, ...previous].map((secret) =>
    Buffer.from(createVault({ current: secret, previous: [] }, random).mac('backup file', salt)).toString('base64'),
  );
  return { salt, macs };
}

const filesOf = ({ dataDir }: Pick<Config, 'dataDir'>, random: Random) => diskStorage(join(dataDir, 'files'), random);
