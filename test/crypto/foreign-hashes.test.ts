import { hash as argon2Hash } from '@node-rs/argon2';
import { hashPassword as betterAuthHash } from 'better-auth/crypto';
import { describe, expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { createPasswordHasher } from '../../src/crypto/password-hasher.ts';
import { seededRandom } from '../kit/random.ts';

const costs = { memoryKib: 64, iterations: 1, parallelism: 1, concurrency: 2, queueLength: 10 };

function aHasher() {
  const warnings: object[] = [];
  const log = { ...silentLog, warn: (facts: object) => void warnings.push(facts) };
  return { hasher: createPasswordHasher(costs, { random: seededRandom('foreign'), log }), warnings };
}

/** The angstrom sign: NFKC makes another character of it. */
const unstable = 'correct horse \u212b battery';

const vectors: readonly (readonly [string, string, string])[] = [
  ['bcrypt $2a$ (crypt_blowfish)', 'U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['bcrypt $2b$', 'U*U', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['bcrypt $2y$', 'U*U', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  [
    'scrypt (RFC 7914 §12)',
    'pleaseletmein',
    '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw',
  ],
  [
    'PBKDF2 in PHC form (RFC 7914 §11)',
    'passwd',
    '$pbkdf2-sha256$i=1,l=64$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw',
  ],
  [
    'PBKDF2 of passlib, whose base64 writes . for +',
    'password',
    '$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44',
  ],
  [
    'Better Auth scrypt, which hashed the normal form',
    unstable,
    'e12e50d85577acdd1ee322e959f79f91:9e851878b70b4b06c8cec517f749d551bdab1f72119f5c760e457ab3205187f34c434e22a7cf332a734a8520d43f30e8f6037130a45cc635310c7e3f40d13962',
  ],
];

describe('Hashes made elsewhere are read, never written', () => {
  for (const [name, password, hash] of vectors) {
    test(name, async () => {
      const { hasher, warnings } = aHasher();
      expect(await hasher.verify(password, hash)).toEqual({ right: true, rehash: true });
      expect(await hasher.verify(`${password}x`, hash)).toEqual({ right: false, rehash: false });
      expect(warnings).toEqual([]);
    });
  }

  test('what Better Auth itself makes today', async () => {
    const hash = await betterAuthHash(unstable);
    expect(await aHasher().hasher.verify(unstable, hash)).toEqual({ right: true, rehash: true });
  });

  test('a password that was hashed as typed, not in its normal form (core map P2)', async () => {
    const hash = await argon2Hash(unstable, { memoryCost: 128, timeCost: 1, parallelism: 1 });
    expect(await aHasher().hasher.verify(unstable, hash)).toEqual({ right: true, rehash: true });
  });

  test('argon2i and argon2d', async () => {
    for (const algorithm of [0, 1]) {
      const hash = await argon2Hash('password', { algorithm, memoryCost: 64, timeCost: 1, parallelism: 1 });
      expect(await aHasher().hasher.verify('password', hash)).toEqual({ right: true, rehash: true });
    }
  });
});

describe('Hashes that are not computed', () => {
  const salt = 'c2FsdHNhbHQ';
  const result = 'VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw';
  const tooDear = [
    `$argon2id$v=19$m=4194304,t=1,p=1$${salt}$${result}`,
    `$argon2id$v=19$m=65536,t=4000,p=1$${salt}$${result}`,
    '$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    `$scrypt$ln=30,r=8,p=1$${salt}$${result}`,
    `$scrypt$ln=14,r=8,p=200$${salt}$${result}`,
    `$pbkdf2-sha256$i=999999999$${salt}$${result}`,
  ];
  for (const hash of tooDear) {
    test(`too dear: ${hash.slice(0, 32)}`, async () => {
      const { hasher, warnings } = aHasher();
      expect(await hasher.verify('password', hash)).toEqual({ right: false, rehash: false });
      expect(warnings).toMatchObject([{ why: expect.stringContaining('too dear') }]);
      expect(JSON.stringify(warnings)).not.toContain(result);
    });
  }

  test('an empty or short result would match everything, so it matches nothing', async () => {
    for (const hash of [
      `$pbkdf2-sha256$1$${salt}$`,
      `$pbkdf2-sha256$1$${salt}$AA`,
      `$scrypt$ln=4,r=8,p=1$${salt}$AA`,
      `$scrypt$ln=0,r=8,p=1$${salt}$${result}`,
      `$argon2id$v=19$m=64,t=1,p=1$${salt}$AAAAAA`,
      ':',
      '',
      'plain text password',
      '$2b$05$tooshort',
      '$unknown$x',
    ]) {
      const { hasher, warnings } = aHasher();
      expect(await hasher.verify('plain text password', hash)).toEqual({ right: false, rehash: false });
      expect(warnings).toHaveLength(1);
    }
  });
});
