import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Calls, callsOf } from '../kit/faulty-server.ts';
import { createInstallation, type Installation } from '../kit/installation.ts';
import { redisAnswers, redisUrl } from '../kit/redis.ts';
import { type TcpProxy, tcpProxy } from '../kit/tcp-proxy.ts';

describe.skipIf(!redisAnswers)('Redis behind a cable that breaks', () => {
  let cable: TcpProxy;
  let installation: Installation;
  let calls: Calls;

  beforeAll(async () => {
    const url = new URL(redisUrl);
    cable = await tcpProxy({ host: url.hostname, port: Number(url.port || 6379) });
    url.host = `127.0.0.1:${cable.port}`;
    installation = await createInstallation({ REDIS_URL: url.href });
    calls = callsOf(installation);
  });
  afterAll(async () => {
    await installation?.remove();
    await cable?.close();
  });

  /** Limits are counted by each node, and sessions read from the database: people notice nothing. */
  async function serves(): Promise<void> {
    const began = performance.now();
    expect((await calls.signIn['better-auth']()).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await calls.ready()).status).toBe(200);
    await calls.alive();
  }

  test('absent at the start: the server serves without it', async () => {
    await cable.refuse();
    await installation.serve();
    expect((await calls.signUp()).status).toBe(200);
    await serves();
  });

  test('and takes it up once it is there', async () => {
    await cable.restore();
    await calls.until(async () => cable.open() >= 3);
    await serves();
  });

  test.each(['cut', 'refuse', 'hang'] as const)('%s, and back again', async (what) => {
    await cable[what]();
    await serves();
    await cable.restore();
    await calls.until(async () => cable.open() >= 3);
    await serves();
  });
});
