import { scrypt as derive } from 'node:crypto';
import { type Reading, refused, type Scheme, sameBytes, storedResult } from './scheme.ts';

interface Costs {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

const maxMemoryBytes = 128 * 1024 * 1024;
const maxParallelism = 8;

const memoryOf = ({ N, r }: Costs): number => 128 * N * r;

/** `$scrypt$ln=14,r=8,p=1$salt$result` (RFC 7914, in PHC form). */
export const scrypt: Scheme = {
  name: 'scrypt',
  read(hash) {
    if (!hash.startsWith('$scrypt$')) return null;
    const parts = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([^$]+)\$([^$]+)$/.exec(hash);
    const stored = parts && storedResult(parts[4]!, parts[5]!);
    if (!stored) return refused('malformed');
    const costs = { N: 2 ** Number(parts[1]), r: Number(parts[2]), p: Number(parts[3]) };
    if (costs.N < 2 || costs.r < 1 || costs.p < 1) return refused('malformed');
    if (memoryOf(costs) > maxMemoryBytes || costs.p > maxParallelism)
      return refused(`too dear: ${parts[0].split('$')[2]}`);
    return readable(stored.salt, stored.result, costs);
  },
};

/**
 * Better Auth: `salt:result` in hexadecimal, N=16384, r=16, p=1, 64 bytes. The salt that goes in is the *text* of the
 * hexadecimal digits, not the bytes they stand for.
 */
export const betterAuthScrypt: Scheme = {
  name: 'Better Auth scrypt',
  read(hash) {
    const parts = /^([0-9a-f]{32}):([0-9a-f]{128})$/i.exec(hash);
    if (!parts) return null;
    return readable(Buffer.from(parts[1]!), Buffer.from(parts[2]!, 'hex'), { N: 16_384, r: 16, p: 1 });
  },
};

const readable = (salt: Buffer, result: Buffer, costs: Costs): Reading => ({
  kind: 'readable',
  matches: (password) =>
    new Promise((resolve, reject) => {
      // Node refuses more than 32 MiB unless told otherwise.
      const options = { ...costs, maxmem: 2 * memoryOf(costs) + 1024 * 1024 };
      derive(password, salt, result.length, options, (fault, key) =>
        fault ? reject(fault) : resolve(sameBytes(key, result)),
      );
    }),
});
