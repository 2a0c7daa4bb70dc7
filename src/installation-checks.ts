import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './base/configuration.ts';
import { storagePath } from './core/files/stored-file.ts';
import type { SurfaceName } from './core/surface.ts';
import { profileOf, surfaceUrl } from './open-projects.ts';
import type { OpenStore } from './store/open-store.ts';

/** Beyond this, codes of authenticator apps fail: they live for 30 s, and one step of difference is allowed. */
const clockAllowsMs = 60_000;

/** The database server's clock, where it is too far from this machine's. @returns null when they agree */
export async function clockProblem(store: Pick<OpenStore, 'serverTime'>, now: () => number): Promise<string | null> {
  const asked = now();
  const there = await store.serverTime();
  if (there === null || Math.abs(there - asked) <= clockAllowsMs) return null;
  return clockWords(there - asked);
}

export const clockWords = (ms: number): string =>
  `the clock of this machine is ${Math.round(Math.abs(ms) / 1000)} s ${ms > 0 ? 'behind' : 'ahead of'} the database server's`;

/**
 * Passkeys that no browser offers any more, because the name they were made for is not the one asked for: one line for
 * each name. Those whose relying party is the application itself are left out: its own pages know which that is.
 * @param limit of passkeys that are looked at
 */
export async function strandedPasskeys(
  config: Config,
  store: Pick<OpenStore, 'facts'>,
  limit: number,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { project, rpId, madeBy, passkeys } of await store.facts.relyingParties(limit)) {
    const own = config.projects.find(({ key }) => key === project);
    if (!own || !isSurface(madeBy)) continue;
    if (profileOf(madeBy, own).passkeys.relyingParty === 'application') continue;
    const asked = own.policy['passkeys.rpId'] ?? new URL(surfaceUrl(config, madeBy)).hostname;
    if (asked === rpId) continue;
    lines.push(
      `${passkeys} ${passkeys === 1 ? 'passkey' : 'passkeys'} of project ${project}, made for ${rpId}, cannot be used with ` +
        `${madeBy}, which asks for ${asked}`,
    );
  }
  return lines;
}

export const passkeyMend = 'Set passkeys.rpId to the former name, or have these people make new ones';

const isSurface = (name: string): name is SurfaceName => ['better-auth', 'hexclave', 'axumkit', 'pages'].includes(name);

/** How many of some stored files have no bytes in the data directory. */
export async function missingFiles(
  { dataDir }: Config,
  store: Pick<OpenStore, 'facts'>,
  limit: number,
): Promise<{ readonly looked: number; readonly missing: number }> {
  const files = await store.facts.someFiles(limit);
  const missing = files.filter((file) => !existsSync(join(dataDir, 'files', storagePath(file.projectId, file))));
  return { looked: files.length, missing: missing.length };
}
