import { type FileHandle, open } from 'node:fs/promises';
import { BackupError } from './backup-error.ts';
import { formatVersion, frameText, headLength, tailLength } from './format.ts';

export interface Frames {
  /** The first frame, as it is in the file. */
  readonly head: Buffer;
  /** Where the compressed frames are. */
  readonly body: { readonly start: number; readonly end: number };
  /** Digest of everything before the last frame. */
  readonly sha256: string;
}

/** @throws BackupError when the file is no backup, is one of another format, or has no end */
export async function readFrames(path: string): Promise<Frames> {
  const file = await openBackup(path);
  try {
    return await framesOf(file, path);
  } finally {
    await file.close();
  }
}

async function openBackup(path: string): Promise<FileHandle> {
  const file = await open(path, 'r').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') throw new BackupError(`There is no file ${path}. Check the name.`);
    throw fault;
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new BackupError(`${path} is not a file. A backup is read twice, so give it as a file.`);
}

async function framesOf(file: FileHandle, path: string): Promise<Frames> {
  const { size } = await file.stat();
  const head = await bytesAt(file, 0, headLength);
  const version = /^latchkey-backup (\d+)\n/.exec(frameText(head) ?? '')?.[1];
  if (version === undefined) {
    throw new BackupError(`${path} is no backup of Latchkey, or its beginning is damaged. Check the name.`);
  }
  if (Number(version) !== formatVersion) {
    throw new BackupError(
      `${path} is a backup of format ${version}, and this version of Latchkey reads format ${formatVersion}. ` +
        'Use the version of Latchkey that made it.',
    );
  }
  const end = Math.max(size - tailLength, headLength);
  const sha256 = /^sha256 ([0-9a-f]{64})\n$/.exec(frameText(await bytesAt(file, end, tailLength)) ?? '')?.[1];
  if (sha256 === undefined) {
    throw new BackupError('The backup is incomplete: its end is missing or damaged. Use another copy of it.');
  }
  return { head, body: { start: headLength, end }, sha256 };
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
