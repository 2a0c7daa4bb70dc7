import { hash as argon2Hash, type Options } from '@node-rs/argon2';
import { boundedPool } from '../base/bounded-pool.ts';
import type { Config } from '../base/configuration.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { Refusal } from '../base/refusal.ts';
import type { PasswordHasher } from '../core/passwords/password-hasher.ts';
import { argon2Options } from './schemes/argon2.ts';
import { readHash } from './schemes/schemes.ts';

/** More than any dialect lets anybody set: 256 code points of four bytes (core map P1). */
const maxPasswordBytes = 1024;
const saltBytes = 16;
const resultBytes = 32;
/** The package declares its numbers as a `const enum`, which type stripping cannot read. */
const argon2id = 2;
const version19 = 1;

export interface PooledHasher extends PasswordHasher {
  /** Hashes running and waiting. */
  depth(): number;
}

export function createPasswordHasher(
  costs: Config['hashing'],
  deps: { readonly random: Random; readonly log: Log },
): PooledHasher {
  const pool = boundedPool(costs);
  const options: Options = {
    algorithm: argon2id,
    version: version19,
    memoryCost: costs.memoryKib,
    timeCost: costs.iterations,
    parallelism: costs.parallelism,
    outputLen: resultBytes,
  };

  const compute = (password: string): Promise<string> =>
    argon2Hash(password, { ...options, salt: deps.random.bytes(saltBytes) });

  function isCurrent(hash: string): boolean {
    const made = hash.startsWith('$argon2id$') ? argon2Options(hash) : null;
    return (
      made !== null &&
      made.version === version19 &&
      made.memoryCost === costs.memoryKib &&
      made.timeCost === costs.iterations &&
      made.parallelism === costs.parallelism &&
      made.outputLen === resultBytes
    );
  }

  async function compare(password: string, hash: string): Promise<{ right: boolean; rehash: boolean }> {
    const reading = readHash(hash);
    if (reading.kind === 'refused') {
      deps.log.warn({ scheme: reading.scheme, why: reading.why }, 'a stored password hash cannot be checked');
      await compute('');
      return { right: false, rehash: false };
    }
    const current = isCurrent(hash);
    const normal = password.normalize('NFKC');
    // We hash the normal form; where a hash came from, the password was hashed as it was typed (core map P2).
    const forms = new Set(current ? [normal, password] : [password, normal]);
    for (const form of forms) {
      if (await reading.matches(form)) return { right: true, rehash: !current || form !== normal };
    }
    return { right: false, rehash: false };
  }

  return {
    async hash(password) {
      const normal = tooLong(password) ? null : password.normalize('NFKC');
      // It could never be checked again.
      if (normal === null || tooLong(normal)) throw new Refusal('password_too_long', { maxLength: 256 });
      return pool.run(() => compute(normal));
    },

    understands: (hash) => readHash(hash).kind !== 'refused',

    verify(password, hash) {
      return pool.run(async () => {
        if (hash !== null && !tooLong(password)) return compare(password, hash);
        await compute('');
        return { right: false, rehash: false };
      });
    },

    depth: pool.depth,
  };
}

const tooLong = (password: string): boolean => Buffer.byteLength(password) > maxPasswordBytes;
