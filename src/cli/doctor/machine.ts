import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../base/configuration.ts';
import { neededNode, tooOld } from '../../node-version.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export function nodeVersion(version = process.version): Finding {
  if (tooOld(version) === null) return ok(`Node.js ${version}`);
  return fail(`Node.js ${version} is too old`, `Install Node.js ${neededNode} or newer.`);
}

export function dataDirectory({ dataDir }: Config): Finding {
  const parent = nearestThere(dataDir);
  if (!statSync(parent).isDirectory()) {
    return fail(`Data directory ${dataDir} cannot be used: ${parent} is a file`, 'Set DATA_DIR to a folder.');
  }
  if (!existsSync(dataDir)) {
    if (writable(parent)) return ok(`Data directory ${dataDir} will be made at the first start`);
    return fail(
      `Data directory ${dataDir} cannot be made: ${parent} is not writable`,
      'Set DATA_DIR to another folder.',
    );
  }
  const { mode } = statSync(dataDir);
  if (!writable(dataDir)) {
    return fail(`Data directory ${dataDir} is not writable`, `Run as its owner, or: chown <user> ${dataDir}`);
  }
  if ((mode & 0o077) !== 0) {
    return warn(`Data directory ${dataDir} is open to other users of this machine`, `chmod 700 ${dataDir}`);
  }
  return ok(`Data directory ${dataDir}`);
}

/** @param configured whether SECRET is set; then the file means nothing */
export function secret(config: Config, configured: boolean): Finding {
  if (configured) return ok('Secret from the configuration');
  const file = join(config.dataDir, 'secret');
  if (config.database.engine === 'postgres' && !config.development) {
    return warn(`Secret only in ${file}`, 'Other nodes would not have it. Set SECRET to what the file holds.');
  }
  if (!existsSync(file)) return ok(`Secret will be generated at the first start, in ${file}`);
  if ((statSync(file).mode & 0o077) !== 0) return warn(`${file} is readable by other users`, `chmod 600 ${file}`);
  return ok(`Secret in ${file}. Keep a copy elsewhere: backups do not hold it`);
}

/** Without another clock to compare with, only a clock that went back can be told. */
export function ownClock(config: Config, now: number): Finding {
  const { database } = config;
  const file = database.engine === 'sqlite' && existsSync(database.file) ? database.file : null;
  if (file !== null && statSync(file).mtimeMs > now + 60_000) {
    return warn('The clock is behind the last write of the database', 'Set it by NTP: codes and sessions end by it.');
  }
  return ok(`Clock says ${new Date(now).toISOString().slice(0, 19)}Z`);
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function nearestThere(folder: string): string {
  let at = folder;
  while (!existsSync(at)) at = dirname(at);
  return at;
}
