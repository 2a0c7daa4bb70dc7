import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../src/base/clock.ts';
import type { Config } from '../src/base/configuration.ts';
import type { Log } from '../src/base/log.ts';
import { configDigest, differingKeys } from '../src/config/digest.ts';
import { createVault } from '../src/crypto/vault.ts';
import { watchNodes } from '../src/node-watch.ts';
import { testClock } from './kit/clock.ts';
import { seededRandom } from './kit/random.ts';
import { onEveryEngine } from './kit/store-world.ts';
import { aProject, testConfig } from './kit/test-config.ts';

const place = {
  ...{ port: 3000, publicUrl: 'https://id.example.com', dataDir: '/nowhere' },
  database: { engine: 'sqlite' as const, file: '/nowhere/latchkey.db' },
};
const aConfig = (change: Partial<Config> = {}): Config => ({ ...testConfig({}, place), ...change });
const vault = createVault({ current: 'a secret that all nodes of this test share', previous: [] }, seededRandom(1));
const digest = (config: Config) => configDigest(config, (text) => vault.mac('configuration', text));

describe('The digest of a configuration', () => {
  test('says which settings differ, by project', () => {
    const closed = aConfig({ projects: [aProject({ policy: { 'signUp.open': false } })] });
    expect(differingKeys(digest(aConfig()), digest(closed))).toEqual(['projects.default.policy.signUp.open']);
    const other = aConfig({ http: { ...aConfig().http, publicUrl: 'https://other.example.com' } });
    expect(differingKeys(digest(aConfig()), digest(other))).toEqual(['http.publicUrl']);
  });

  test('leaves out what each node has of its own', () => {
    const { http, hashing } = aConfig();
    const other = aConfig({
      ...{ dataDir: '/elsewhere', sessionCacheEntries: 1, log: { level: 'debug', pretty: true } },
      http: { ...http, port: 4000, host: '::1', trustedProxies: ['10.0.0.1'], shutdownSeconds: 60, drainSeconds: 60 },
      hashing: { ...hashing, concurrency: 64, queueLength: 9 },
    });
    expect(differingKeys(digest(aConfig()), digest(other))).toEqual([]);
  });

  test('shows no value: a password in it cannot be found by trying without the secret', () => {
    const told = JSON.stringify(
      digest(aConfig({ mail: { smtpUrl: 'smtp://me:hunter2@mail.example.com', from: 'a@b.c' } })),
    );
    expect(told).not.toContain('hunter2');
    const stranger = createVault(
      { current: 'another secret altogether, of somebody else', previous: [] },
      seededRandom(1),
    );
    const guessed = configDigest(aConfig(), (text) => stranger.mac('configuration', text));
    expect(Object.entries(digest(aConfig())).filter(([key, value]) => guessed[key] === value)).toEqual([]);
  });
});

onEveryEngine('Nodes of one installation', (world) => {
  const clock = testClock();
  /** @param aheadMs of the database server's clock, which is the test's */
  const aNode = (id: string, config: Config, aheadMs = 0) => {
    const lines: object[] = [];
    const ignore = () => {};
    const log: Log = { debug: ignore, info: ignore, error: ignore, warn: (facts) => void lines.push(facts) };
    let asked = 0;
    // Time goes on while the database is asked.
    const own = { now: () => (clock.now() + aheadMs + asked++) as ReturnType<typeof clock.now> };
    const { nodes } = world.opened;
    const store = { nodes, diagnose: async () => ({ damage: [], time: clock.now() }) };
    return { ...watchNodes({ config, store, vault, clock: own, log, id }), lines };
  };
  const port = (port: number) => ({ http: { ...aConfig().http, port } });

  test('that are alike say nothing', async () => {
    const [one, two] = [aNode('a', aConfig(port(3001))), aNode('b', aConfig(port(3002)), seconds(3))];
    for (const node of [one, two, one, two]) await node.look();
    expect([...one.lines, ...two.lines]).toEqual([]);
    for (const node of [one, two]) await node.leave();
  });

  test('warn once of each setting that differs, and again when it is another', async () => {
    const closed = aConfig({ ...port(3002), projects: [aProject({ policy: { 'signUp.open': false } })] });
    const one = aNode('c', aConfig(port(3001)));
    const two = aNode('d', closed);
    for (let round = 0; round < 3; round += 1) for (const node of [one, two]) await node.look();
    const settings = ['projects.default.policy.signUp.open'];
    expect(one.lines).toEqual([{ what: 'configuration', settings, other: expect.stringMatching(/:3002$/) }]);
    expect(two.lines).toHaveLength(1);
    await two.leave();
    const three = aNode('d', aConfig({ ...closed, redisUrl: 'redis://elsewhere' }));
    await three.look();
    await one.look();
    expect(one.lines.at(-1)).toMatchObject({ settings: [...settings, 'redisUrl'] });
    for (const node of [one, three]) await node.leave();
  });

  test('warn of a clock that is far from theirs, in either direction', async () => {
    for (const ahead of [seconds(90), -seconds(90)]) {
      const [one, two] = [aNode('e', aConfig()), aNode('f', aConfig(), ahead)];
      for (const node of [two, one, two]) await node.look();
      for (const { lines } of [one, two]) expect(lines).toMatchObject([{ what: 'clock', seconds: 90 }]);
      for (const node of [one, two]) await node.leave();
    }
  });

  test('forget whoever did not say goodbye', async () => {
    const closed = aConfig({ development: false });
    await aNode('g', closed).look();
    clock.advance(minutes(3));
    const one = aNode('h', aConfig());
    await one.look();
    expect(one.lines).toEqual([]);
    clock.advance(minutes(30));
    await one.look();
    expect(await world.database.rows('SELECT id FROM node')).toEqual([{ id: 'h' }]);
  });
});
