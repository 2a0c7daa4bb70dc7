import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Refusal } from '../base/refusal.ts';
import { StartRefusal } from '../base/start-refusal.ts';
import type { BreachedPasswords } from '../core/passwords/breached-passwords.ts';

/** A SHA-1 in hexadecimal, how often it was seen, and an end of line. */
const line = /^([0-9A-F]{40})(?::\d{1,12})?\r?$/i;
const longestLine = 64;
/** What is left is read as it is: one page of a disk. */
const block = 4_096;

export interface OpenBreachedPasswords extends BreachedPasswords {
  close(): Promise<void>;
}

/**
 * A file of SHA-1 sums, one a line and in order, as downloaders of Pwned Passwords write it. It may be larger than
 * memory: a password is looked for by halving the file, some 25 small reads for a thousand million lines.
 * @throws StartRefusal where it cannot be read or is another kind of file
 */
export async function openBreachedPasswords(path: string): Promise<OpenBreachedPasswords> {
  const mend =
    'Set BREACHED_PASSWORDS to a file of SHA-1 sums in order, one a line (docs/operations.md), or leave it out';
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (fault) {
    throw new StartRefusal(`The list of breached passwords cannot be opened: ${(fault as Error).message}`, mend);
  }
  const problem = await whatIsWrong(file).catch((fault: Error) => fault.message);
  if (problem !== null) {
    await file.close();
    throw new StartRefusal(`The list of breached passwords ${path} cannot be used: ${problem}`, mend);
  }
  return {
    async has(password) {
      try {
        return await isListed(file, createHash('sha1').update(password).digest('hex').toUpperCase());
      } catch (fault) {
        throw new Refusal('unavailable', { why: `breached passwords: ${(fault as Error).message}` });
      }
    },
    close: () => file.close(),
  };
}

async function whatIsWrong(file: FileHandle): Promise<string | null> {
  const { size } = await file.stat();
  const [first = ''] = (await read(file, 0, longestLine)).split('\n');
  const last =
    (await read(file, Math.max(0, size - 2 * longestLine), 2 * longestLine)).trimEnd().split('\n').at(-1) ?? '';
  if (!line.test(first) || !line.test(last)) return 'its lines are not SHA-1 sums';
  return first.slice(0, 40).toUpperCase() <= last.slice(0, 40).toUpperCase() ? null : 'its lines are not in order';
}

async function isListed(file: FileHandle, sum: string): Promise<boolean> {
  let low = 0;
  let high = (await file.stat()).size;
  while (high - low > block) {
    const middle = Math.floor((low + high) / 2);
    const text = await read(file, middle, 2 * longestLine);
    const start = text.indexOf('\n') + 1;
    const found = text.slice(start, start + sum.length).toUpperCase();
    if (found === sum) return true;
    if (found < sum) low = middle + start;
    else high = middle;
  }
  // The line that `high` stands in is still to be looked at.
  const rest = await read(file, low, high - low + longestLine);
  return rest.split('\n').some((each) => line.exec(each)?.[1]?.toUpperCase() === sum);
}

async function read(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('latin1', 0, bytesRead);
}
