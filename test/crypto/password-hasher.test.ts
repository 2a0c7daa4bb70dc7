import { describe, expect, test } from 'vitest';
import { boundedPool } from '../../src/base/bounded-pool.ts';
import { silentLog } from '../../src/base/log.ts';
import { Refusal } from '../../src/base/refusal.ts';
import { createPasswordHasher } from '../../src/crypto/password-hasher.ts';
import { seededRandom } from '../kit/random.ts';

const costs = { memoryKib: 64, iterations: 1, parallelism: 1, concurrency: 2, queueLength: 10 };
const hasherWith = (change: Partial<typeof costs> = {}) =>
  createPasswordHasher({ ...costs, ...change }, { random: seededRandom('hasher'), log: silentLog });
const hasher = hasherWith();

describe('Password hashes', () => {
  test('are argon2id with the configured costs, in PHC form', async () => {
    expect(await hasher.hash('password')).toMatch(
      /^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  test('of one password differ: every one has its own salt', async () => {
    expect(await hasher.hash('password')).not.toBe(await hasher.hash('password'));
  });

  test('match their password and no other', async () => {
    const hash = await hasher.hash('password');
    expect(await hasher.verify('password', hash)).toEqual({ right: true, rehash: false });
    for (const wrong of ['', 'Password', 'password ', 'passwor']) {
      expect(await hasher.verify(wrong, hash)).toEqual({ right: false, rehash: false });
    }
  });

  test('are of the NFKC form: one password, whatever keyboard typed it', async () => {
    const hash = await hasher.hash('caf\u00e9 \ufb01');
    expect(await hasher.verify('cafe\u0301 fi', hash)).toEqual({ right: true, rehash: false });
  });

  test('made with other costs are right, and ask to be made anew', async () => {
    const hash = await hasherWith({ iterations: 2 }).hash('password');
    expect(await hasher.verify('password', hash)).toEqual({ right: true, rehash: true });
    expect(await hasher.verify('wrong', hash)).toEqual({ right: false, rehash: false });
  });

  test('of more than 1,024 bytes are not made, for they are not checked either', async () => {
    const longest = '\u{1f511}'.repeat(256);
    expect(await hasher.verify(longest, await hasher.hash(longest))).toMatchObject({ right: true });
    await expect(hasher.hash(`${longest}x`)).rejects.toMatchObject({ code: 'password_too_long' });
    // One character that NFKC turns into eighteen.
    await expect(hasher.hash('\ufdfa'.repeat(256))).rejects.toMatchObject({ code: 'password_too_long' });
    expect(await hasher.verify('x'.repeat(1_000_000), await hasher.hash('x'))).toEqual({ right: false, rehash: false });
  });

  test('nobody’s hash is never right', async () => {
    expect(await hasher.verify('password', null)).toEqual({ right: false, rehash: false });
  });
});

describe('The pool', () => {
  /** Work that ends when the test says so. */
  function steps() {
    const open: (() => void)[] = [];
    const work = () => new Promise<void>((done) => open.push(done));
    return { work, finish: () => open.shift()!(), started: () => open.length };
  }
  const tick = () => new Promise<void>((done) => setImmediate(done));

  test('runs so many, lets so many wait, and refuses the rest at once', async () => {
    const pool = boundedPool({ concurrency: 2, queueLength: 1 });
    const { work, finish, started } = steps();
    const first = [pool.run(work), pool.run(work), pool.run(work)];
    expect(pool.depth()).toBe(3);
    expect(started()).toBe(2);
    const refusal = await pool.run(work).catch((fault) => fault);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ code: 'busy', detail: { retryAfterSeconds: 2 } });
    finish();
    await tick();
    expect(started()).toBe(2);
    finish();
    finish();
    await Promise.all(first);
    expect(pool.depth()).toBe(0);
  });

  test('nobody who arrives later overtakes those who wait', async () => {
    const pool = boundedPool({ concurrency: 1, queueLength: 5 });
    const order: number[] = [];
    await Promise.all([1, 2, 3].map((n) => pool.run(async () => void order.push(n))));
    expect(order).toEqual([1, 2, 3]);
  });

  test('a failure gives its place back', async () => {
    const pool = boundedPool({ concurrency: 1, queueLength: 0 });
    await expect(pool.run(() => Promise.reject(new Error('fault')))).rejects.toThrow('fault');
    expect(pool.depth()).toBe(0);
    expect(await pool.run(async () => 'next')).toBe('next');
  });

  test('checking waits in the same queue as hashing', async () => {
    const small = hasherWith({ concurrency: 1, queueLength: 1 });
    const answers = await Promise.allSettled([small.verify('a', null), small.hash('b'), small.verify('c', null)]);
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(small.depth()).toBe(0);
  });
});
