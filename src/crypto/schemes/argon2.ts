import { type ParsedHashOptions, parseOptions, verify } from '@node-rs/argon2';
import { hashBounds } from '../../base/hash-bounds.ts';
import { minResultBytes, refused, type Scheme } from './scheme.ts';

/** RFC 9106: argon2id, argon2i and argon2d, whatever their costs. */
export const argon2: Scheme = {
  name: 'argon2',
  read(hash) {
    if (!hash.startsWith('$argon2')) return null;
    const options = argon2Options(hash);
    if (!options || options.outputLen < minResultBytes) return refused('malformed');
    const { memoryCost, timeCost, parallelism } = options;
    const { memoryKib: maxMemory, work: maxWork, parallelism: maxParallelism } = hashBounds;
    if (memoryCost > maxMemory || memoryCost * timeCost > maxWork || parallelism > maxParallelism) {
      return refused(`too dear: m=${memoryCost}, t=${timeCost}, p=${parallelism}`);
    }
    return { kind: 'readable', matches: (password) => verify(hash, password) };
  },
};

export function argon2Options(hash: string): ParsedHashOptions | null {
  try {
    return parseOptions(hash);
  } catch {
    return null;
  }
}
