import { createHash } from 'node:crypto';
import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { headFrame, tailFrame } from './format.ts';

/**
 * Writes lines as a backup: compressed, between the head and the digest of everything. The sink is left open, so that its
 * owner can sync it.
 */
export async function sealLines(lines: AsyncIterable<string>, sink: Writable, signal?: AbortSignal): Promise<void> {
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const text = Readable.from(lines, { objectMode: false });
  await pipeline(text, compress, framed(), sink, { end: false, ...(signal && { signal }) });
}

function framed(): Transform {
  const digest = createHash('sha256');
  const head = headFrame();
  digest.update(head);
  return new Transform({
    construct(ready) {
      this.push(head);
      ready();
    },
    transform(chunk: Buffer, _encoding, done) {
      digest.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(null, tailFrame(digest.digest('hex')));
    },
  });
}
