import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type { SqlValue } from '../sqlite/protocol.ts';
import { type BackupError, damagedBackup } from './backup-error.ts';
import { rowFrom } from './cells.ts';
import { longestLine } from './format.ts';
import { type BackupItem, partWalk } from './part-walk.ts';
import { readFrames } from './read-frames.ts';

/**
 * Reads a backup and checks it on the way: digests and counts of each part, that no part is missing, and the digest of the
 * whole file, which is known when the last item has been read.
 * @param want 'digests' leaves out the rows
 * @throws BackupError that says what is wrong with the file
 */
export async function* readBackup(path: string, want: 'rows' | 'digests'): AsyncGenerator<BackupItem> {
  const frames = await readFrames(path);
  const digest = createHash('sha256').update(frames.head);
  const walk = partWalk();
  const text = decompressed(path, frames.body, (chunk) => digest.update(chunk));
  for await (const lines of linesOf(text, walk.damaged)) {
    let rows: SqlValue[][] = [];
    for (const line of lines) {
      if (line[0] === openingBracket) {
        walk.row(line);
        if (want === 'rows') rows.push(asRow(line, walk.damaged));
        continue;
      }
      const opening = walk.opening();
      const item = walk.control(line);
      if (rows.length > 0) yield { kind: 'rows', opening: opening!, rows };
      rows = [];
      if (item) yield item;
    }
    if (rows.length > 0) yield { kind: 'rows', opening: walk.opening()!, rows };
  }
  walk.end();
  if (digest.digest('hex') !== frames.sha256) throw damagedBackup('the file');
}

const openingBracket = '['.charCodeAt(0);
const lineEnd = '\n'.charCodeAt(0);

/** The compressed frames as text. `see` is given every byte as it is on the disk. */
function decompressed(
  path: string,
  { start, end }: { readonly start: number; readonly end: number },
  see: (chunk: Buffer) => void,
): Readable {
  const raw = createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 });
  const text = createZstdDecompress({ chunkSize: 256 * 1024 });
  const seen = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      see(chunk);
      yield chunk;
    }
  };
  // A fault of one of them destroys all, and is thrown where the text is read.
  pipeline(raw, seen, text).catch(() => {});
  return text;
}

function asRow(line: Buffer, damaged: (cause?: unknown) => BackupError): SqlValue[] {
  try {
    return rowFrom(line.toString('utf8'));
  } catch (cause) {
    throw damaged(cause);
  }
}

/** Whole lines, as many as came together. */
async function* linesOf(text: Readable, damaged: (cause?: unknown) => BackupError): AsyncGenerator<Buffer[]> {
  let open: Buffer[] = [];
  let openBytes = 0;
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      const lines: Buffer[] = [];
      let from = 0;
      for (let at = chunk.indexOf(lineEnd); at !== -1; at = chunk.indexOf(lineEnd, from)) {
        lines.push(Buffer.concat([...open, chunk.subarray(from, at)]));
        open = [];
        openBytes = 0;
        from = at + 1;
      }
      open.push(chunk.subarray(from));
      openBytes += chunk.length - from;
      if (openBytes > longestLine) throw damaged();
      if (lines.length > 0) yield lines;
    }
  } catch (cause) {
    throw damaged(cause);
  }
  if (openBytes > 0) throw damaged();
}
