import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../base/random.ts';
import type { FileStorage } from '../core/files/stored-file.ts';

/** Files in a folder of this machine, readable by its owner alone. Several nodes share the folder. */
export function diskStorage(folder: string, random: Random): FileStorage {
  const place = (path: string): string => {
    // Paths are made by the core of names it checked; this is the second lock (rule 34).
    const names = path.split('/');
    if (names.some((name) => !/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(name))) throw new Error(`not a file path: ${path}`);
    return join(folder, ...names);
  };

  return {
    driver: 'disk',

    async put(path, bytes) {
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
        await rm(unfinished, { force: true });
        throw fault;
      }
    },

    async read(path) {
      try {
        return await readFile(place(path));
      } catch (fault) {
        if (isMissing(fault)) return null;
        throw fault;
      }
    },

    remove: (path) => rm(place(path), { force: true }),
  };
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
