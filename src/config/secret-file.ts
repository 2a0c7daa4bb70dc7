import {
  accessSync,
  chmodSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../base/random.ts';
import { StartRefusal } from '../base/start-refusal.ts';

const secretBytes = 32;

/**
 * The folder holds the database and the secret: nobody else on the machine reads it.
 * @throws StartRefusal when it cannot be used
 */
export function makeDataDir(dataDir: string): void {
  try {
    const made = mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (made !== undefined) chmodSync(dataDir, 0o700); // `mode` is subject to the process's umask
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (fault) {
    const { code = '', message } = fault as NodeJS.ErrnoException;
    throw new StartRefusal(
      `The data directory ${dataDir} cannot be used: ${unusable[code] ?? message}`,
      'Set DATA_DIR to a folder that this user may write, or correct its owner.',
    );
  }
}

const unusable: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file',
  ENOTDIR: 'a folder of its path is a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
};

/** The secret kept in `<dataDir>/secret`; made at the first start. */
export function secretFromFile(dataDir: string, random: Random): string {
  makeDataDir(dataDir);
  const file = join(dataDir, 'secret');
  const kept = readSecret(file);
  if (kept !== null) return kept;
  const draft = `${file}.${Buffer.from(random.bytes(6)).toString('hex')}`;
  writeFileSync(draft, `${Buffer.from(random.bytes(secretBytes)).toString('base64url')}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  try {
    // Whole or not at all, and never over another's: of two processes that start together, one names the secret.
    linkSync(draft, file);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
  } finally {
    rmSync(draft, { force: true });
  }
  return readSecret(file)!;
}

/** The generated secret, where one was generated. Makes nothing. */
export const keptSecret = (dataDir: string): string | null => readSecret(join(dataDir, 'secret'));

function readSecret(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (fault) {
    if (['ENOENT', 'ENOTDIR'].includes((fault as NodeJS.ErrnoException).code ?? '')) return null;
    throw fault;
  }
  if (text.length < secretBytes) {
    throw new StartRefusal(
      `The file ${file} does not hold a secret any more`,
      'Restore it from a backup, or set SECRET.',
    );
  }
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  return text;
}
