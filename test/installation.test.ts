import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../src/base/configuration.ts';
import { clockDifference, database as examineDatabase } from '../src/cli/doctor/database.ts';
import { type Finding, ok } from '../src/cli/doctor/finding.ts';
import { dataDirectory } from '../src/cli/doctor/machine.ts';
import { makeDataDir } from '../src/config/secret-file.ts';
import { storagePath } from '../src/core/files/stored-file.ts';
import { explainFault } from '../src/explain-fault.ts';
import { clockProblem } from '../src/installation-checks.ts';
import { openCore, type Part } from '../src/open-core.ts';
import { openSqlite } from '../src/store/sqlite/open-sqlite.ts';
import { testClock } from './kit/clock.ts';
import { type Engine, engines, oneEngine, type TestDatabase } from './kit/engines.ts';
import { seededRandom } from './kit/random.ts';
import { removeScratch, scratchFolder } from './kit/scratch-folder.ts';
import { type ConfigOptions, testConfig } from './kit/test-config.ts';

const clock = testClock();
const formerSecret = 'q7Zk2mX9vB4nL8sD1wR6tY3uJ5hG0fKp';
const newSecret = 'Wc5yT0eP8aM3xN7zQ1rV6bU9iO2dS4gH';

/** One database, opened again and again with other settings. */
class Installation {
  readonly dataDir = scratchFolder('installation');
  readonly database: TestDatabase;
  logged: string[] = [];

  constructor(database: TestDatabase) {
    this.database = database;
  }

  static readonly on = async (engine: Engine) => new Installation(await engine.create());

  config(options: ConfigOptions & { readonly secrets?: Config['secrets']; readonly publicUrl?: string } = {}): Config {
    const publicUrl = options.publicUrl ?? 'https://id.example.com';
    const place = { port: 3000, publicUrl, dataDir: this.dataDir, database: this.database.config };
    return { ...testConfig(options, place), ...(options.secrets && { secrets: options.secrets }) };
  }

  /** Starts and stops at once. @returns what it warned of */
  async start(config: Config, part: Part = 'server'): Promise<readonly string[]> {
    const warnings: string[] = [];
    const log = pino(
      { level: 'warn' },
      { write: (line: string) => void warnings.push((JSON.parse(line) as { msg: string }).msg) },
    );
    const core = await openCore(config, { clock, random: seededRandom(1), log: log as never }, part);
    await core.close();
    return warnings.filter((line) => !line.includes('clock'));
  }

  examine = (config: Config): Promise<readonly Finding[]> => examineDatabase(config, clock.now);

  async remove(): Promise<void> {
    await this.database.drop();
    removeScratch(this.dataDir);
  }
}

function onOneInstallation(title: string, tests: (place: { installation: Installation }) => void): void {
  for (const engine of oneEngine(title)) {
    describe(`${title} [${engine.name}]`, () => {
      const place = {} as { installation: Installation };
      beforeAll(async () => {
        place.installation = await Installation.on(engine);
      });
      afterAll(() => place.installation?.remove());
      tests(place);
    });
  }
}

onOneInstallation('A secret that was changed', (place) => {
  const current = (secret: string, ...previous: string[]) =>
    place.installation.config({ secrets: { current: secret, previous } });
  const words = /^The secret is not the one this database was used with: authenticator apps, codes, .* SECRET_PREVIOUS/;

  test('is unknown to doctor before the first start', async () => {
    expect(await place.installation.examine(current(newSecret))).toContainEqual(
      ok('Database was used with no secret yet'),
    );
  });

  test.each(['server', 'command'] as const)(
    'keeps the %s from starting, in words that say what to do',
    async (part) => {
      await place.installation.start(current(formerSecret));
      await place.installation.start(current(formerSecret), part);
      const fault = await place.installation.start(current(newSecret), part).catch((thrown) => thrown);
      expect(explainFault(fault)).toMatch(words);
    },
  );

  test('is a finding of doctor', async () => {
    expect(await place.installation.examine(current(formerSecret))).toContainEqual(
      ok('Secret is the one the database was used with'),
    );
    expect(await place.installation.examine(current(newSecret))).toContainEqual({
      level: 'fail',
      what: expect.stringContaining('The secret is not the one'),
      mend: expect.stringContaining('Set SECRET to the former one'),
    });
  });

  test('is found where none is configured and the generated one is gone', async () => {
    expect(await place.installation.examine(current(''))).toContainEqual(expect.objectContaining({ level: 'fail' }));
    writeFileSync(join(place.installation.dataDir, 'secret'), formerSecret);
    expect(await place.installation.examine(current(''))).not.toContainEqual(
      expect.objectContaining({ level: 'fail' }),
    );
  });

  test('is taken when the former one is named as previous, and is then the known one', async () => {
    await place.installation.start(current(newSecret, formerSecret));
    await place.installation.start(current(newSecret));
    const fault = await place.installation.start(current(formerSecret)).catch((thrown) => thrown);
    expect(explainFault(fault)).toMatch(words);
  });
});

onOneInstallation('Passkeys of another name', (place) => {
  const line =
    '1 passkey of project default, made for id.example.com, cannot be used with better-auth, which asks for ';

  beforeAll(async () => {
    await place.installation.start(place.installation.config());
    const [{ id: project }] = (await place.installation.database.rows(
      `SELECT id FROM project WHERE key = 'default'`,
    )) as [{ id: string }];
    await insert(place.installation.database, 'user', {
      project_id: project,
      id: 'u1',
      credentials_changed_at: 1,
      signed_up_at: 1,
    });
    for (const madeBy of ['better-auth', 'hexclave']) {
      await insert(place.installation.database, 'passkey', {
        ...{ project_id: project, id: `p-${madeBy}`, user_id: 'u1', credential_id: madeBy, made_by: madeBy },
        ...{ public_key: new Uint8Array(1), counter: 0, device_type: 'multiDevice', backed_up: 1 },
        rp_id: 'id.example.com',
      });
    }
  });

  test('are no trouble while the name is the same', async () => {
    expect(await place.installation.start(place.installation.config())).toEqual([]);
    const policy = { 'passkeys.rpId': 'id.example.com', 'redirects.origins': ['https://id.example.com'] };
    const moved = { publicUrl: 'https://auth.example.com', policy };
    expect(await place.installation.start(place.installation.config(moved))).toEqual([]);
  });

  test.each([
    ['passkeys.rpId', { policy: { 'passkeys.rpId': 'example.com' } }, 'example.com'],
    ['PUBLIC_URL', { publicUrl: 'https://auth.example.com' }, 'auth.example.com'],
  ])('%s changed: a warning at the start, and a finding of doctor', async (_setting, change, name) => {
    const config = place.installation.config(change);
    const what = line + name;
    const mend = 'Set passkeys.rpId to the former name, or have these people make new ones.';
    expect(await place.installation.start(config)).toEqual([`${what}. ${mend.slice(0, -1)}`]);
    expect(await place.installation.examine(config)).toContainEqual({ level: 'warn', what, mend });
  });
});

onOneInstallation('Applications that browsers keep cookies or passkeys from', (place) => {
  const config = (publicUrl: string, origins: readonly string[], rpId: string | null = null) =>
    place.installation.config({
      publicUrl,
      policy: { 'redirects.origins': origins, ...(rpId !== null && { 'passkeys.rpId': rpId }) },
    });
  const id = 'https://id.example.com';
  const passkeys = (named: string, host: string, domain: string) =>
    `Passkeys are for ${named}, and browsers make none for it on pages of ${host}. ` +
    `Set passkeys.rpId to ${domain} before anybody makes a passkey: it cannot be changed later`;
  const foreign = (host: string, own: string, surface: string) =>
    expect.stringMatching(`^${host} is another site than ${own} \\(${surface}\\): browsers drop our cookies there`);

  test.each([
    ['an application beside the server', () => config(id, ['https://app.example.com'], 'example.com')],
    ['the domain above it', () => config(id, ['https://example.com'], 'example.com')],
    ['every host of the domain', () => config(id, ['https://**.example.com:8443', 'myapp://'], 'example.com')],
    ['another port of the host', () => config('http://localhost:3000', ['http://localhost:5173'])],
  ])('%s is no trouble', async (_what, fits) => {
    expect(await place.installation.start(fits())).toEqual([]);
  });

  test.each([
    [
      'example.com',
      () => config(id, ['https://example.com']),
      passkeys('id.example.com', 'https://example.com', 'example.com'),
    ],
    [
      'a wildcard',
      () => config(id, ['https://*.example.com']),
      passkeys('id.example.com', 'https://*.example.com', 'example.com'),
    ],
    [
      'a name that is not above',
      () => config(id, [], 'app.example.com'),
      passkeys('app.example.com', id, 'example.com'),
    ],
    [
      'a public suffix',
      () => config('https://id.example.co.uk', [], 'co.uk'),
      passkeys('co.uk', 'https://id.example.co.uk', 'example.co.uk'),
    ],
  ])('an rpId that cannot work for %s is told at the start', async (_what, unfit, line) => {
    expect(await place.installation.start(unfit())).toEqual([line]);
  });

  test.each([
    ['http://localhost:3000', 'http://127.0.0.1:5173'],
    ['http://localhost:3000', 'http://app.localhost:5173'],
    ['https://id.example.com', 'http://app.example.com'],
    ['https://id.example.com', 'https://app.example.org'],
    ['https://id.example.co.uk', 'https://app.other.co.uk'],
    ['https://me.github.io', 'https://you.github.io'],
  ])('from %s, cookies do not reach %s', async (own, host) => {
    expect(await place.installation.start(config(own, [host]))).toEqual([
      foreign(host, own, 'better-auth'),
      foreign(host, own, 'axumkit'),
    ]);
  });
});

onOneInstallation('A folder of files that is not the one', (place) => {
  const files = ['a', 'b'].map((key) => ({ namespace: 'user-images', key: `${key}.webp` }));
  let project = '';

  beforeAll(async () => {
    await place.installation.start(place.installation.config());
    [{ id: project }] = (await place.installation.database.rows(`SELECT id FROM project WHERE key = 'default'`)) as [
      { id: string },
    ];
    for (const file of files) {
      await insert(place.installation.database, 'file', {
        ...{ project_id: project, id: file.key, ...file, content_type: 'image/webp', state: 'stored' },
        ...{ size: 1, sha256: new Uint8Array(32), public: 1, driver: 'disk' },
      });
    }
  });

  const put = (file: (typeof files)[number]) => {
    const path = join(place.installation.dataDir, 'files', storagePath(project, file));
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'x');
  };
  const finding = async () => (await place.installation.examine(place.installation.config())).at(-1);

  test('is a finding of doctor: empty, in part, and whole', async () => {
    expect(await finding()).toEqual({
      level: 'fail',
      what: `Of 2 stored files 2 are not in ${place.installation.dataDir}/files: profiles show no pictures`,
      mend: expect.stringContaining('set DATA_DIR'),
    });
    put(files[0]!);
    expect(await finding()).toMatchObject({
      level: 'warn',
      what: expect.stringContaining('Of 2 stored files 1 are not'),
    });
    put(files[1]!);
    expect(await finding()).toEqual(ok('Stored files are there'));
  });
});

describe('A clock far from the database server’s', () => {
  const there = (ms: number | null) => ({ serverTime: async () => ms });

  test('is told at the start beyond a minute, in either direction', async () => {
    expect(await clockProblem(there(null), () => 0)).toBeNull();
    expect(await clockProblem(there(60_000), () => 0)).toBeNull();
    expect(await clockProblem(there(61_000), () => 0)).toBe(
      "the clock of this machine is 61 s behind the database server's",
    );
    expect(await clockProblem(there(0), () => 61_000)).toContain("61 s ahead of the database server's");
  });

  test('is a finding of doctor', () => {
    expect(clockDifference(0)).toEqual(ok('Clock agrees with the database server'));
    expect(clockDifference(-61_000)).toMatchObject({
      level: 'warn',
      what: expect.stringContaining('is 61 s ahead of'),
    });
  });

  test.skipIf(engines.length === 1)('is asked of PostgreSQL', async () => {
    const installation = await Installation.on(engines.find(({ name }) => name === 'postgres')!);
    const warnings: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
    const random = seededRandom(1);
    const core = await openCore(installation.config(), { clock, random, log: log as never }, 'server');
    await core.close();
    await installation.remove();
    // The test's clock stands where it likes.
    expect(warnings.join()).toMatch(
      /the clock of this machine is \d+ s (?:behind|ahead of) the database server's; set both/,
    );
  });
});

describe('A data directory that cannot be used', () => {
  const folder = scratchFolder('data-dir');
  const file = join(folder, 'file');
  writeFileSync(file, '');
  afterAll(() => removeScratch(folder));
  const said = (make: () => unknown): string => {
    try {
      make();
    } catch (fault) {
      return explainFault(fault);
    }
    throw new Error('it was taken');
  };

  test.each([
    ['is a file', file, 'it is a file'],
    ['is below a file', join(file, 'data'), 'a folder of its path is a file'],
  ])('because it %s: one sentence at the start, one finding of doctor', (_what, dataDir, why) => {
    expect(said(() => makeDataDir(dataDir))).toBe(
      `The data directory ${dataDir} cannot be used: ${why}. Set DATA_DIR to a folder that this user may write, or correct its owner.`,
    );
    expect(dataDirectory({ dataDir } as Config)).toEqual({
      level: 'fail',
      what: `Data directory ${dataDir} cannot be used: ${file} is a file`,
      mend: 'Set DATA_DIR to a folder.',
    });
  });

  test('the file of DATABASE_URL below a file: one sentence', async () => {
    const fault = await openSqlite(join(file, 'latchkey.db')).catch((thrown) => thrown);
    expect(explainFault(fault)).toBe(
      `${file} is a file, and a folder is needed. Correct DATA_DIR or the file of DATABASE_URL.`,
    );
  });

  test('the file of DATABASE_URL is a folder: one sentence', async () => {
    const fault = await openSqlite(folder).catch((thrown) => thrown);
    expect(explainFault(fault)).toMatch(/is a folder, and a file is needed\. Correct DATABASE_URL\.$/);
  });
});

/** A row with what it must have besides. */
async function insert(database: TestDatabase, table: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const row = { ...values, created_at: 1, updated_at: 1 };
  const columns = Object.keys(row).join(', ');
  const places = Object.keys(row).map(() => '?');
  await database.rows(`INSERT INTO "${table}" (${columns}) VALUES (${places.join(', ')})`, Object.values(row));
}
