import { Redis } from 'ioredis';

export const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

async function answers(): Promise<boolean> {
  const redis = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
    return true;
  } catch (fault) {
    if (process.env.CI === 'true') throw new Error(`Redis must answer at ${redisUrl} in CI`, { cause: fault });
    console.warn(`\n!!! REDIS DOES NOT ANSWER AT ${redisUrl}: ITS TESTS ARE SKIPPED !!!\n`);
    return false;
  } finally {
    redis.disconnect();
  }
}

export const redisAnswers: boolean = await answers();
