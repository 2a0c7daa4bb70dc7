import { createHash } from 'node:crypto';
import type { Random } from '../../src/base/random.ts';

/** The same seed draws the same bytes: SHA-256 of the seed and a counter, block after block. */
export function seededRandom(seed: string | number): Random {
  let block = Buffer.alloc(0);
  let count = 0;
  return {
    bytes(length) {
      while (block.length < length) {
        block = Buffer.concat([block, createHash('sha256').update(`${seed} ${count++}`).digest()]);
      }
      const drawn = Uint8Array.from(block.subarray(0, length));
      block = block.subarray(length);
      return drawn;
    },
  };
}
