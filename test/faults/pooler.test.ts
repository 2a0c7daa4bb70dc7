import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { uuidV7 } from '../../src/base/ids.ts';
import { systemRandom } from '../../src/base/random.ts';
import { ok } from '../../src/cli/doctor/finding.ts';
import { heardNodes } from '../../src/cli/doctor/nodes.ts';
import { type OpenStore, openStore } from '../../src/store/open-store.ts';
import type { PostgresConfig } from '../../src/store/postgres/postgres-config.ts';
import { Browser } from '../kit/browser.ts';
import { engines, type TestDatabase } from '../kit/engines.ts';
import { openStream } from '../kit/event-source.ts';
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from '../kit/pgbouncer.ts';
import { testConfig } from '../kit/test-config.ts';
import { createWorld, type World } from '../kit/world.ts';

const postgres = engines.find(({ name }) => name === 'postgres');
const account = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };
const axumkitAccount = { email: 'grace@example.com', password: 'correct horse' };

describe.skipIf(!postgres || !hasPgbouncer)('PostgreSQL behind pgbouncer in transaction mode', () => {
  let pgbouncer: Pgbouncer;
  let database: TestDatabase;
  let direct: PostgresConfig;
  let pooled: PostgresConfig;
  let main: World;
  const worlds: World[] = [];
  const stores: OpenStore[] = [];

  beforeAll(async () => {
    // Empty: the server's own migrations go through it too. `options` is dropped in silence, as many are set up.
    [pgbouncer, database] = await Promise.all([
      startPgbouncer({ ignore_startup_parameters: 'options' }),
      postgres!.createEmpty(),
    ]);
    direct = database.config as PostgresConfig;
    pooled = { ...direct, url: pgbouncer.through(direct.url) };
    main = await world(pooled);
    expect((await main.browser().post('/sign-up/email', account)).status).toBe(200);
  });
  afterAll(async () => {
    for (const world of worlds) await world.close();
    for (const store of stores) await store.close();
    await pgbouncer?.close();
    await database?.drop();
  });

  async function world(config: PostgresConfig, seed = 1): Promise<World> {
    const made = await createWorld({ database: config, seed, http: { limits: false, trustedProxies: ['127.0.0.1'] } });
    worlds.push(made);
    return made;
  }
  async function store(config: PostgresConfig): Promise<OpenStore> {
    const clock = systemClock();
    const made = await openStore(config, { clock, ids: uuidV7(clock, systemRandom()) });
    stores.push(made);
    return made;
  }
  /** Tables of ours in the schema that nobody named. */
  const strayTables = async (): Promise<readonly unknown[]> =>
    database.rows(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('instance', 'schema_migration')`,
    );

  test('is recognised, and a direct line is not taken for one', async () => {
    expect((await store(pooled)).pooled).toBe(true);
    expect((await store(direct)).pooled).toBe(false);
  });

  test('the setting outweighs what is found', async () => {
    expect((await store({ ...pooled, pooler: 'session' })).pooled).toBe(false);
    expect((await store({ ...direct, pooler: 'transaction' })).pooled).toBe(true);
  });

  test('migrations, sign-up, sign-in, sessions and streams work, one warning says what is missing, and every table is in DATABASE_SCHEMA', async () => {
    const { url, browser, logged } = main;
    expect(await strayTables()).toEqual([]);
    expect(await database.rows(`SELECT count(*) AS n FROM pg_tables WHERE schemaname = ?`, [direct.schema])).toEqual([
      { n: expect.toSatisfy((count: number) => count > 30) },
    ]);

    const stream = await openStream(`${url}/axumkit/v0/eventstream/actions`);
    const member = new Browser(`${url}/axumkit`, { origin: url });
    await member.post('/v0/users', { ...axumkitAccount, handle: 'grace_hopper', display_name: 'Grace' });
    expect((await member.post('/v0/auth/login', axumkitAccount)).status).toBe(204);
    expect((await member.send('PATCH', '/v0/user/me', { bio: 'Navy' })).status).toBe(200);
    await stream.arrived(1);
    await stream.close();

    const person = browser();
    expect((await person.post('/sign-in/email', account)).status).toBe(200);
    expect((await person.get('/get-session')).body.user.email).toBe(account.email);
    expect((await person.post('/sign-out', {})).status).toBe(200);
    expect((await person.get('/get-session')).body).toBeNull();
    expect(warnings(logged)).toEqual([expect.stringContaining('set DATABASE_DIRECT_URL or REDIS_URL')]);
  });

  test('a hundred requests at once are all answered', async () => {
    const { browser } = main;
    const people = await Promise.all(
      Array.from({ length: 10 }, async (_, index): Promise<Browser> => {
        const person = browser({ 'x-forwarded-for': `203.0.113.${index}` });
        const reply = await person.post('/sign-up/email', { ...account, email: `person${index}@example.com` });
        expect(reply.status).toBe(200);
        return person;
      }),
    );
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const person = people[index % people.length]!;
        return index < 80 ? person.get('/get-session') : person.post('/update-user', { name: `Ada ${index}` });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });

  test('without a direct line no session is kept, so what another node ended is ended at once', async () => {
    const other = await world(pooled, 2);
    const [person, elsewhere] = [main.browser(), other.browser()];
    await person.post('/sign-in/email', account);
    await person.get('/get-session');
    elsewhere.jar = person.jar.cloneSync()!;
    expect((await elsewhere.post('/sign-out', {})).status).toBe(200);
    expect((await person.get('/get-session')).body).toBeNull();
    expect(main.app.mainProject.sessionCache.size()).toBe(0);
  });

  test('with DATABASE_DIRECT_URL sessions are kept, and nothing is warned of', async () => {
    const { browser, app, logged } = await world({ ...pooled, directUrl: direct.url }, 3);
    const person = browser();
    await person.post('/sign-in/email', account);
    await person.get('/get-session');
    expect(app.mainProject.sessionCache.size()).toBe(1);
    expect(warnings(logged)).toEqual([]);
  });

  test('a DATABASE_DIRECT_URL that leads through the pooler is noticed, and no session is kept', async () => {
    const { browser, app, logged } = await world({ ...pooled, directUrl: pooled.url }, 4);
    const person = browser();
    await person.post('/sign-in/email', account);
    await person.get('/get-session');
    expect(app.mainProject.sessionCache.size()).toBe(0);
    expect(logged.join()).toContain('no message to itself came over DATABASE_DIRECT_URL');
  });

  test('doctor finds a pooler without a direct line, one with it, and one that leads through the pooler', async () => {
    const look = async (config: PostgresConfig) => {
      const place = { port: 3000, publicUrl: 'http://localhost:3000', dataDir: '/nowhere', database: config };
      return heardNodes(testConfig({}, place), await store(config));
    };
    expect(await look(direct)).toEqual([ok('Other nodes are heard over DATABASE_URL')]);
    expect(await look(pooled)).toMatchObject([
      { level: 'warn', mend: expect.stringMatching(/^Set DATABASE_DIRECT_URL .* or REDIS_URL/) },
    ]);
    expect((await look({ ...pooled, directUrl: direct.url })).at(-1)).toEqual(
      ok('Other nodes are heard over DATABASE_DIRECT_URL'),
    );
    expect((await look({ ...pooled, directUrl: pooled.url })).at(-1)).toMatchObject({
      level: 'fail',
      mend: 'Correct DATABASE_DIRECT_URL, or set REDIS_URL.',
    });
  });

  test('another search path on a shared connection changes nothing', async () => {
    const stranger = new Client({ connectionString: pooled.url });
    await stranger.connect();
    await stranger.query('SET search_path TO pg_catalog');
    await stranger.end();
    expect((await main.browser().post('/sign-in/email', account)).status).toBe(200);
  });
});

describe.skipIf(!postgres || !hasPgbouncer)('pgbouncer as Debian sets it up', () => {
  test('takes our connections: no parameter is sent that it does not know', async () => {
    const [pgbouncer, database] = await Promise.all([startPgbouncer(), postgres!.createEmpty()]);
    const config = database.config as PostgresConfig;
    const clock = systemClock();
    try {
      const pooled = { ...config, url: pgbouncer.through(config.url) };
      const store = await openStore(pooled, { clock, ids: uuidV7(clock, systemRandom()) });
      await store.migrate();
      await store.ping();
      await store.close();
    } finally {
      await pgbouncer.close();
      await database.drop();
    }
  });
});

const warnings = (logged: readonly string[]): string[] =>
  logged.map((line) => JSON.parse(line)).flatMap(({ level, msg }) => (level === 40 && !/clock/.test(msg) ? [msg] : []));
