import type { FileStorage } from '../../core/files/stored-file.ts';
import { BackupError } from './backup-error.ts';

/** Stores files of a backup and knows which ones were not there before, so that a failure leaves none of them. */
export interface RestoredFiles {
  store(path: string, bytes: Uint8Array): Promise<void>;
  removeNew(): Promise<void>;
}

export function restoredFiles(files: FileStorage): RestoredFiles {
  const made: string[] = [];
  return {
    async store(path, bytes) {
      const there = await files.read(path);
      if (there === null) {
        made.push(path);
        await files.put(path, bytes);
      } else if (!Buffer.from(bytes).equals(there)) {
        // Names are made of contents, so one of the two is damaged, and this one is not: its digest was checked.
        throw new BackupError(
          `The stored file ${path} is here with other bytes than in the backup, so it was damaged. Delete it and restore again.`,
        );
      }
    },
    async removeNew() {
      for (const path of made) await files.remove(path);
    },
  };
}
