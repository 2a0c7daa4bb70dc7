import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../base/random.ts';

const secretBytes = 32;

/** The folder holds the database and the secret: nobody else on the machine reads it. */
export function makeDataDir(dataDir: string): void {
  const made = mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (made !== undefined) chmodSync(dataDir, 0o700); // `mode` is subject to the process's umask
}

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

/** The secret that is there. Null: none was made yet. */
export const keptSecret = (dataDir: string): string | null => readSecret(join(dataDir, 'secret'));

function readSecret(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw fault;
  }
  if (text.length < secretBytes) throw new Error(`${file} does not hold a secret; restore it from a backup`);
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  return text;
}
