import type { Config } from '../../base/configuration.ts';
import { keptSecret } from '../../config/secret-file.ts';
import { otherSecret, restoreSecret, secretState } from '../../core/secret-probe.ts';
import { missingFiles, passkeyMend, strandedPasskeys } from '../../installation-checks.ts';
import { openVault } from '../../open-core.ts';
import type { OpenStore } from '../../store/open-store.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const filesLookedAt = 200;
/** All of them: nobody waits for a sign-in meanwhile. */
const passkeysLookedAt = Number.MAX_SAFE_INTEGER;

/** Whether secret, files and the name for passkeys are those that the stored rows were made with. */
export async function contents(config: Config, store: OpenStore): Promise<readonly Finding[]> {
  const stranded = await strandedPasskeys(config, store, passkeysLookedAt);
  return [
    await secretFits(config, store),
    await filesAreThere(config, store),
    ...stranded.map((line) => warn(line, `${passkeyMend}.`)),
  ];
}

async function secretFits(config: Config, store: OpenStore): Promise<Finding> {
  const current = config.secrets.current || keptSecret(config.dataDir);
  // The next start would generate one.
  const secrets = { ...config.secrets, current: current ?? 'none' };
  const state = await secretState(store.instance, openVault(secrets));
  if (state === 'other') return fail(otherSecret, restoreSecret);
  return ok(state === 'new' ? 'Database was used with no secret yet' : 'Secret is the one the database was used with');
}

async function filesAreThere(config: Config, store: OpenStore): Promise<Finding> {
  const { looked, missing } = await missingFiles(config, store, filesLookedAt);
  if (missing === 0) return ok(looked === 0 ? 'No files are stored' : 'Stored files are there');
  const folder = `${config.dataDir}/files`;
  return (missing === looked ? fail : warn)(
    `Of ${looked} stored files ${missing} are not in ${folder}: profiles show no pictures`,
    'Restore the folder from a backup, or set DATA_DIR to where it is. Nodes share it.',
  );
}
