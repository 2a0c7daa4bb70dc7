import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memory = '/dev/shm';
const enoughBytes = 512 * 1024 * 1024;

/** In memory where there is room: SQLite waits for the disk at every commit, and no test here pulls the plug. */
const base = process.env.TEST_SCRATCH ?? (hasRoom(memory) ? memory : tmpdir());

/** One folder for a run: workers are killed at its end, and cannot clean up after themselves. */
export function startScratch(): () => void {
  const folder = mkdtempSync(join(base, 'latchkey-run-'));
  // Programs that run as somebody else have folders in it.
  chmodSync(folder, 0o711);
  process.env.TEST_SCRATCH = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** A folder of its own, gone when the process ends if nobody removed it before. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(base, `latchkey-${name}-`));
  kept.add(folder);
  return folder;
}

export function removeScratch(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  kept.delete(folder);
}

const kept = new Set<string>();
process.once('exit', () => {
  for (const folder of kept) rmSync(folder, { recursive: true, force: true });
});

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= enoughBytes;
  } catch {
    return false;
  }
}
