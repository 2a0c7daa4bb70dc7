import { createHmac, randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Limiter, LimitRule } from '../../src/core/limits.ts';
import { memoryLimiter } from '../../src/store/limiter/memory-limiter.ts';
import { redisLimiter } from '../../src/store/limiter/redis-limiter.ts';
import { redisAnswers, redisUrl } from '../kit/redis.ts';
import { after, NOW, onEveryEngine, times } from '../kit/store-world.ts';

const mac = (message: string): Uint8Array => createHmac('sha256', 'test key').update(message).digest();
const rule: LimitRule = { name: 'sign-in', windowSeconds: 60, max: 3 };

/** What every place of counting promises. */
function promises(limiter: () => Limiter, setTime: (at: ReturnType<typeof after>) => void) {
  const aKey = () => randomUUID();
  const hits = async (key: string, count: number) => {
    const answers = [];
    for (let i = 0; i < count; i += 1) answers.push((await limiter().hit(rule, key)).retryAfterSeconds);
    return answers;
  };

  test('as many uses as the rule allows, then a refusal that names the wait', async () => {
    setTime(NOW);
    expect(await hits(aKey(), 5)).toEqual([null, null, null, 60, 60]);
  });

  test('the window starts with the first use, and is over exactly at its edge', async () => {
    const key = aKey();
    setTime(NOW);
    await hits(key, 1);
    setTime(after(30_000));
    expect(await hits(key, 3)).toEqual([null, null, 30]);
    setTime(after(59_999));
    expect(await hits(key, 1)).toEqual([1]);
    setTime(after(60_000));
    expect(await hits(key, 4)).toEqual([null, null, null, 60]);
  });

  test('refused uses do not count: knocking does not prolong the wait', async () => {
    const key = aKey();
    setTime(NOW);
    await hits(key, 20);
    setTime(after(50_000));
    expect(await hits(key, 1)).toEqual([10]);
    setTime(after(60_000));
    expect(await hits(key, 3)).toEqual([null, null, null]);
  });

  test('keys and rules are counted apart', async () => {
    const key = aKey();
    setTime(NOW);
    await hits(key, 3);
    expect((await limiter().hit(rule, `${key}x`)).retryAfterSeconds).toBeNull();
    expect((await limiter().hit({ ...rule, name: 'reset' }, key)).retryAfterSeconds).toBeNull();
  });

  test('a reset forgets every use', async () => {
    const key = aKey();
    setTime(NOW);
    await hits(key, 3);
    await limiter().reset(rule, key);
    expect(await hits(key, 4)).toEqual([null, null, null, 60]);
    await limiter().reset(rule, 'never used');
  });

  test('giving back takes back one use and no more, and never below none', async () => {
    const key = aKey();
    setTime(NOW);
    const { windowStart } = await limiter().hit(rule, key);
    await hits(key, 2);
    await limiter().giveBack(rule, key, windowStart);
    expect(await hits(key, 2)).toEqual([null, 60]);
    for (let i = 0; i < 9; i += 1) await limiter().giveBack(rule, key, windowStart);
    expect(await hits(key, 4)).toEqual([null, null, null, 60]);
    await limiter().giveBack(rule, 'never used', windowStart);
  });

  test('a use is given back to the window that counted it, not to a later one', async () => {
    const key = aKey();
    setTime(NOW);
    const { windowStart } = await limiter().hit(rule, key);
    setTime(after(60_000));
    await hits(key, 3);
    await limiter().giveBack(rule, key, windowStart);
    expect(await hits(key, 1)).toEqual([60]);
  });

  test('a refused use names the window that is full', async () => {
    const key = aKey();
    setTime(NOW);
    await hits(key, 3);
    setTime(after(1_000));
    expect(await limiter().hit(rule, key)).toEqual({ retryAfterSeconds: 59, windowStart: NOW });
  });

  test('of fifty uses at once, as many pass as the rule allows', async () => {
    const key = aKey();
    setTime(NOW);
    const answers = await Promise.all(times(50, () => limiter().hit(rule, key)));
    expect(answers.filter(({ retryAfterSeconds }) => retryAfterSeconds === null)).toHaveLength(3);
  });
}

describe('The limiter in memory', () => {
  let now = NOW;
  const limiter = memoryLimiter({ now: () => now });
  promises(
    () => limiter,
    (at) => {
      now = at;
    },
  );
});

describe.skipIf(!redisAnswers)('The limiter in Redis', () => {
  let now = NOW;
  const prefix = `test:${randomUUID()}:`;
  const redis = new Redis(redisUrl, { lazyConnect: true });
  const limiter = redisLimiter(redis, { now: () => now }, mac, prefix);
  beforeAll(() => redis.connect());
  afterAll(async () => {
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  });
  promises(
    () => limiter,
    (at) => {
      now = at;
    },
  );

  test('keys tell nothing of whom they count, and go away by themselves', async () => {
    await limiter.hit(rule, 'alice@example.org');
    const keys = await redis.keys(`${prefix}*`);
    expect(keys.join()).not.toContain('alice');
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });
});

onEveryEngine('The limiter in SQL', (world) => {
  promises(
    () => world.opened.limiter(mac),
    (at) => world.clock.set(at),
  );

  test('a sweep deletes windows that are over', async () => {
    world.clock.set(after(1_000_000));
    const limiter = world.opened.limiter(mac);
    while ((await limiter.sweep(100)) > 0);
    await limiter.hit(rule, 'swept');
    world.clock.set(after(1_059_999));
    expect(await limiter.sweep(100)).toBe(0);
    world.clock.set(after(1_060_000));
    expect(await limiter.sweep(100)).toBe(1);
  });
});
