import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../base/random.ts';
import type { FileStorage } from '../core/files/stored-file.ts';
import { StoreUnavailable } from '../core/store.ts';

/** Files in a folder of this machine, readable by its owner alone. Several nodes share the folder. */
export function diskStorage(folder: string, random: Random): FileStorage {
  const place = (path: string): string => {
    // Paths are made by the core of names it checked; this is the second lock (rule 34).
    const names = path.split('/');
    if (names.some((name) => !/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(name))) throw new Error(`not a file path: ${path}`);
    return join(folder, ...names);
  };

  async function put(path: string, bytes: Uint8Array): Promise<void> {
    const file = place(path);
    if (await exists(file)) return;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // Whoever reads sees nothing or the whole: the name appears when the bytes are on the disk.
    const unfinished = `${file}.${Buffer.from(random.bytes(8)).toString('hex')}.tmp`;
    try {
      const handle = await open(unfinished, 'wx', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(unfinished, file);
    } catch (fault) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw fault;
    }
  }

  return {
    driver: 'disk',
    put: (path, bytes) => put(path, bytes).catch(rethrow),
    read: (path) => readFile(place(path)).catch((fault) => (isMissing(fault) ? null : rethrow(fault))),
    remove: (path) => rm(place(path), { force: true }).catch(rethrow),
  };
}

/** Codes that speak of the disk or the folder, not of the file (errno(3)). */
const outages: ReadonlySet<unknown> = new Set([
  ...['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOTDIR', 'ESTALE', 'ENODEV'],
]);

function rethrow(fault: unknown): never {
  if (!outages.has((fault as NodeJS.ErrnoException).code)) throw fault;
  throw new StoreUnavailable(fault, 'the folder of files does not answer');
}

const isMissing = (fault: unknown): boolean => (fault as NodeJS.ErrnoException).code === 'ENOENT';

async function exists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (fault) {
    if (isMissing(fault)) return false;
    throw fault;
  }
}
