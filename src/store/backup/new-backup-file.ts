import { createWriteStream, existsSync, statSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Random } from '../../base/random.ts';
import { BackupError } from './backup-error.ts';

/**
 * A file for its owner alone, which appears under its name when all of it is on the disk. A process that is killed leaves
 * at most `<path>.<random>.unfinished`.
 * @param replace whether another file of that name may go
 */
export async function intoNewFile<T>(
  path: string,
  { replace, random }: { readonly replace: boolean; readonly random: Random },
  write: (sink: Writable) => Promise<T>,
): Promise<T> {
  refuseOccupied(path, replace);
  const folder = dirname(path);
  if (!existsSync(folder)) throw new BackupError(`There is no folder ${folder}. Make it, or choose another one.`);
  const unfinished = `${path}.${Buffer.from(random.bytes(6)).toString('hex')}.unfinished`;
  try {
    const sink = createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true }); // synced before it is closed
    const closed = finished(sink);
    closed.catch(() => {}); // a fault of the sink is one of `write` as well
    const result = await write(sink);
    sink.end();
    await closed;
    await (replace ? rename(unfinished, path) : nameOnce(unfinished, path));
    await syncFolder(folder);
    return result;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** A link never takes the place of a file that came meanwhile. Some file systems have none. */
async function nameOnce(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw occupied(path);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw fault;
    refuseOccupied(path, false);
    await rename(unfinished, path);
  }
}

function refuseOccupied(path: string, replace: boolean): void {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) throw new BackupError(`${path} is a folder. Give the name of a file in it.`);
  if (!replace) throw occupied(path);
}

const occupied = (path: string): BackupError =>
  new BackupError(`${path} is there already and was not changed. Choose another name, or give --force to replace it.`);

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
