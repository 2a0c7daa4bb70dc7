import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import { providerTypes } from '../../src/config/provider-types.ts';
import { describeConfig, readConfig } from '../../src/config/read-config.ts';
import { kinds } from '../../src/providers/kinds.ts';

const strong = 'q7Zk2mX9vB4nL8sD1wR6tY3uJ5hG0fKp';
const read = (env: Record<string, string> = {}, file: unknown = {}) =>
  readConfig({ env, cwd: '/srv/app', fileText: JSON.stringify(file), generatedSecret: () => strong });

function problemsOf(env: Record<string, string>, file: unknown = {}) {
  try {
    read(env, file);
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.problems;
    throw fault;
  }
  return [];
}
const messageOf = (env: Record<string, string>, file: unknown = {}) => new ConfigError(problemsOf(env, file)).message;

describe('Sources', () => {
  test('nothing at all is a configuration: one machine, SQLite, kept mail', () => {
    expect(read()).toMatchObject({
      http: { host: 'localhost', port: 3000, publicUrl: 'http://localhost:3000', limits: true, metricsToken: null },
      dataDir: '/srv/app/latchkey-data',
      database: { engine: 'sqlite', file: '/srv/app/latchkey-data/latchkey.db' },
      redisUrl: null,
      secrets: { current: strong, previous: [] },
      mail: { smtpUrl: null, from: 'no-reply@localhost' },
      log: { level: 'info', pretty: false },
      hashing: { memoryKib: 19_456, iterations: 2, parallelism: 1 },
      sessionCacheEntries: 100_000,
      retention: { eventDays: 400, anonymousDays: 30 },
      mounts: { 'better-auth': { kind: 'path', prefix: '/better-auth', project: 'default' } },
      projects: [
        { key: 'default', id: null, displayName: 'Latchkey', policy: {}, providers: [] },
        { key: 'internal', id: 'internal', policy: { 'signUp.enabled': false } },
      ],
      development: true,
    });
  });

  test('the file has the same keys in its own spelling', () => {
    const config = read(
      {},
      { port: 8080, publicUrl: 'https://id.example.com/', trustedProxies: ['10.0.0.0/8', '::1'] },
    );
    expect(config.http).toMatchObject({
      port: 8080,
      publicUrl: 'https://id.example.com',
      trustedProxies: ['10.0.0.0/8', '::1'],
    });
    expect(config.mail.from).toBe('no-reply@id.example.com');
  });

  test('the environment wins over the file', () => {
    expect(read({ PORT: '9000' }, { port: 8080 }).http.port).toBe(9000);
  });

  test('an empty variable is one that nobody set', () => {
    expect(read({ SMTP_URL: '', PORT: '' }, { port: 8080 })).toMatchObject({
      mail: { smtpUrl: null },
      http: { port: 8080 },
    });
  });

  test('the default public URL follows the port', () => {
    expect(read({ PORT: '4000' }).http.publicUrl).toBe('http://localhost:4000');
  });

  test('a secret in the file may name an environment variable', () => {
    const file = {
      smtpUrl: { env: 'MY_SMTP' },
      providers: { google: { clientId: 'id', clientSecret: { env: 'GOOGLE_CLIENT_SECRET' } } },
    };
    const config = read({ MY_SMTP: 'smtp://mail.example.com', GOOGLE_CLIENT_SECRET: 'canary' }, file);
    expect(config.mail.smtpUrl).toBe('smtp://mail.example.com');
    expect(config.projects[0]!.providers[0]).toMatchObject({ clientSecret: 'canary' });
    expect(messageOf({ MY_SMTP: 'smtp://mail.example.com' }, file)).toContain(
      'providers.google.clientSecret (latchkey.json: providers.google.clientSecret) names the environment variable GOOGLE_CLIENT_SECRET, which is not set',
    );
  });

  test('LATCHKEY_CONFIG names the file, relative to the working directory', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
    try {
      writeFileSync(join(cwd, 'other.json'), '{"port": 8081}');
      writeFileSync(join(cwd, 'latchkey.json'), '{"port": 8082}');
      const generatedSecret = () => strong;
      expect(readConfig({ env: { LATCHKEY_CONFIG: 'other.json' }, cwd, generatedSecret }).http.port).toBe(8081);
      expect(readConfig({ env: {}, cwd, generatedSecret }).http.port).toBe(8082);
      expect(() => readConfig({ env: { LATCHKEY_CONFIG: 'gone.json' }, cwd, generatedSecret })).toThrow(
        'gone.json (environment LATCHKEY_CONFIG) cannot be read (ENOENT)',
      );
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });
});

describe('Problems', () => {
  test('are all reported at once, each with its key, source, nearest key and remedy', () => {
    const message = messageOf(
      { PORT: 'eighty', PUBLC_URL: 'https://id.example.com', MOUNT_BETTER_AUHT: 'off' },
      { dataDirectory: '/data', policy: { password: { minLenght: 10 }, 'signUp.enabled': 'maybe' } },
    );
    expect(message.split('\n')).toEqual([
      'Configuration has 6 problems:',
      '  dataDirectory (latchkey.json: dataDirectory) is not a known key. The nearest known key is dataDir. Rename it or remove it.',
      '  PORT (environment) is "eighty", which is not a whole number from 0 to 65535. Correct it, or remove it to have 3000.',
      '  policy.password.minLenght (latchkey.json: policy.password.minLenght) is not a known policy key. The nearest known key is password.minLength. Rename it or remove it.',
      '  policy.signUp.enabled (latchkey.json: policy.signUp.enabled) is "maybe", which is not on or off (true or false). Correct it or remove it.',
      '  PUBLC_URL (environment) is not a known key. The nearest known key is PUBLIC_URL. Rename it or remove it.',
      '  MOUNT_BETTER_AUHT (environment) is not a known key. The nearest known key is MOUNT_BETTER_AUTH. Rename it or remove it.',
    ]);
  });

  test('a spelling of the environment in the file finds its key', () => {
    expect(problemsOf({}, { PUBLIC_URL: 'https://x.example' })).toMatchObject([{ nearest: 'publicUrl' }]);
  });

  test('variables of others are left alone', () => {
    const others = {
      PATH: '/bin',
      HOME: '/root',
      HOSTNAME: 'web-1',
      TERM: 'xterm',
      LATCHKEY_SERVICE_HOST: '10.0.0.1',
      LATCHKEY_PORT_3000_TCP_ADDR: '10.0.0.1',
      LATCHKEY_PORT: 'tcp://10.0.0.1:3000',
      POSTGRES_PASSWORD: 'x',
      npm_config_port: '1',
    };
    expect(problemsOf(others)).toEqual([]);
  });

  test('no value of a secret is ever echoed (rule 36)', () => {
    const message = messageOf(
      {
        SECRET: 'canary-1',
        SMTP_URL: 'canary-2',
        DATABASE_URL: 'mysql://root:canary-3@db',
        REDIS_URL: 'http://canary-4',
        METRICS_TOKEN: 'canary-5',
        MOUNT_AXUMKIT: 'https://me:canary-7@id.example.com',
      },
      {
        providers: { google: { clientId: 'id', clientSecret: ['canary-6'] } },
        policy: { redirects: { origins: ['https://me:canary-8@app.example.com'] } },
      },
    );
    expect(message.split('\n')).toHaveLength(9);
    expect(message).not.toContain('canary');
  });

  test('a file that is no JSON is told by its place, not by its text', () => {
    const fileText = '{\n  "secret": "canary-secret" "port": 1\n}';
    expect(() => readConfig({ env: {}, cwd: '/', fileText })).toThrow(
      /^Configuration has 1 problem:\n {2}latchkey\.json \(file\) is not valid JSON/,
    );
    expect(() => readConfig({ env: {}, cwd: '/', fileText })).not.toThrow(/canary/);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '1.5'],
    ['HOST', 'a b'],
    ['PUBLIC_URL', 'id.example.com'],
    ['PUBLIC_URL', 'https://id.example.com/auth'],
    ['PUBLIC_URL', 'https://user:pass@id.example.com'],
    ['PUBLIC_URL', 'javascript:alert(1)'],
    ['DATABASE_URL', 'latchkey.db'],
    ['DATABASE_URL', 'sqlite::memory:'],
    ['DATABASE_SCHEMA', 'public; drop'],
    ['DATABASE_SCHEMA', 'information_schema'],
    ['DATABASE_SCHEMA', 'pg_catalog'],
    ['DATABASE_SCHEMA', 'pg_latchkey'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'proxy.internal'],
    ['MAIL_FROM', 'Latchkey'],
    ['MAIL_FROM', 'a@example.com\nBcc: b@example.com'],
    ['LOG_LEVEL', 'loud'],
    ['LIMITS', 'perhaps'],
    ['NODE_ENV', 'staging'],
    ['MOUNT_BETTER_AUTH', 'auth'],
    ['MOUNT_BETTER_AUTH', '/auth/'],
    ['MOUNT_BETTER_AUTH', '/oauth2'],
    ['MOUNT_BETTER_AUTH', 'https://auth.example.com/x'],
    ['HASH_MEMORY_KIB', '4'],
    ['HASH_MEMORY', '100'],
  ])('%s=%j is refused', (name, value) => {
    expect(problemsOf({ [name]: value })).toMatchObject([{ key: name, source: 'environment' }]);
  });
});

describe('What start-up refuses (rule 38)', () => {
  test.each([
    ['secret', 'sample'],
    ['changeme', 'sample'],
    ['change-me', 'sample'],
    ['better-auth-secret-123456789012345678901234567890', 'sample'],
    ['your-secret-key-at-least-32-characters-long', 'sample'],
    ['latchkey', 'sample'],
    ['xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'repeats itself'],
    ['abcabcabcabcabcabcabcabcabcabcabcabc', 'repeats itself'],
    ['q7Zk2mX9vB4nL8sD1wR6tY3uJ5hG0fK', 'shorter than 32'],
  ])('SECRET=%s', (secret, why) => {
    expect(messageOf({ SECRET: secret })).toContain(why);
  });

  test('a random secret is taken', () => {
    expect(read({ SECRET: `${strong}x` }).secrets.current).toBe(`${strong}x`);
  });

  test('the secret that is still the current one among the previous', () => {
    expect(messageOf({ SECRET: strong, SECRET_PREVIOUS: `old,${strong}` })).toContain('holds the current secret');
    expect(read({ SECRET: strong, SECRET_PREVIOUS: 'old, older' }).secrets.previous).toEqual(['old', 'older']);
  });

  test('plain http in production, but for loopback', () => {
    const production = (publicUrl: string) => problemsOf({ NODE_ENV: 'production', PUBLIC_URL: publicUrl });
    expect(production('http://id.example.com')).toMatchObject([{ key: 'PUBLIC_URL' }]);
    expect(production('https://id.example.com')).toEqual([]);
    expect(production('http://localhost:3000')).toEqual([]);
    expect(production('http://127.0.0.1:3000')).toEqual([]);
    expect(production('http://localhost.example.com')).toHaveLength(1);
    const mounted = { NODE_ENV: 'production', MOUNT_BETTER_AUTH: 'http://auth.example.com' };
    expect(problemsOf(mounted)).toMatchObject([{ key: 'mounts.better-auth' }]);
  });

  test('costs of hashing that could not be read again', () => {
    expect(problemsOf({ HASH_MEMORY_KIB: '262144', HASH_ITERATIONS: '4' })).toEqual([]);
    expect(problemsOf({ HASH_MEMORY_KIB: '262144', HASH_ITERATIONS: '5' })).toMatchObject([{ key: 'HASH_ITERATIONS' }]);
    expect(problemsOf({ HASH_MEMORY_KIB: '8', HASH_PARALLELISM: '2' })).toMatchObject([{ key: 'HASH_MEMORY_KIB' }]);
  });

  test('a cookie domain that does not hold the host', () => {
    const file = (cookieDomain: string) => ({ publicUrl: 'https://id.example.com', betterAuth: { cookieDomain } });
    expect(problemsOf({}, file('example.com'))).toEqual([]);
    expect(problemsOf({}, file('ample.com'))).toHaveLength(1);
    expect(problemsOf({}, file('com'))).toHaveLength(1);
  });
});

describe('Development', () => {
  test.each([
    [{}, true],
    [{ PUBLIC_URL: 'https://id.example.com' }, false],
    [{ NODE_ENV: 'production' }, false],
    [{ NODE_ENV: 'development', PUBLIC_URL: 'https://id.example.com' }, true],
    [{ NODE_ENV: 'test' }, true],
  ])('%j: %s', (env, development) => {
    expect(read(env as Record<string, string>).development).toBe(development);
  });
});

describe('Mounts', () => {
  const mount = (env: Record<string, string>, file: unknown = {}) => read(env, file).mounts['better-auth'];

  test('another path, the root, a host of its own, or off', () => {
    expect(mount({ MOUNT_BETTER_AUTH: '/a/b' })).toEqual({ kind: 'path', prefix: '/a/b', project: 'default' });
    expect(mount({ MOUNT_BETTER_AUTH: '/' })).toEqual({ kind: 'path', prefix: '/', project: 'default' });
    expect(mount({ MOUNT_BETTER_AUTH: 'https://auth.example.com' })).toEqual({
      kind: 'host',
      origin: 'https://auth.example.com',
      project: 'default',
    });
    expect(mount({ MOUNT_BETTER_AUTH: 'off' })).toEqual({ kind: 'off' });
  });

  test('the file may bind a mount to a project; the environment moves only the place', () => {
    const file = { projects: { shop: {} }, mounts: { 'better-auth': { at: '/x', project: 'shop' } } };
    expect(mount({}, file)).toEqual({ kind: 'path', prefix: '/x', project: 'shop' });
    expect(mount({ MOUNT_BETTER_AUTH: '/y' }, file)).toEqual({ kind: 'path', prefix: '/y', project: 'shop' });
  });

  test('a project that is not there is refused', () => {
    const file = { projects: { shop: {} }, mounts: { 'better-auth': { at: '/x', project: 'shpo' } } };
    expect(problemsOf({}, file)).toMatchObject([{ key: 'mounts.better-auth.project', nearest: 'shop' }]);
  });
});

describe('Projects', () => {
  test('the default one is first and always there; others have their own rules', () => {
    const config = read(
      {},
      {
        policy: { emailVerification: 'required' },
        betterAuth: { errorCodes: 'derived', additionalFields: { plan: 'string' } },
        projects: { shop: { displayName: 'The shop', policy: { 'password.minLength': 12 } } },
      },
    );
    expect(config.projects).toMatchObject([
      {
        key: 'default',
        policy: { emailVerification: 'required' },
        betterAuth: {
          ...{ errorCodes: 'derived', cookiePrefix: 'better-auth' },
          additionalFields: { plan: { type: 'string', required: false, input: true, default: null } },
        },
      },
      {
        key: 'shop',
        displayName: 'The shop',
        policy: { 'password.minLength': 12 },
        betterAuth: { errorCodes: 'keyed' },
      },
      { key: 'internal', id: 'internal' },
    ]);
  });

  test('the default one may be written either way, but not both', () => {
    const policy = { 'signUp.enabled': false };
    expect(read({}, { projects: { default: { displayName: 'Acme', policy } } }).projects).toMatchObject([
      { key: 'default', displayName: 'Acme', policy },
      { key: 'internal' },
    ]);
    expect(messageOf({}, { policy, projects: { default: { policy } } })).toContain(
      'is also given as projects.default.policy',
    );
  });
});

describe('Providers', () => {
  const providersOf = (env: Record<string, string>, file: unknown = {}) => read(env, file).projects[0]!.providers;

  test('a known one needs nothing but two variables', () => {
    const env = { PROVIDER_GOOGLE_CLIENT_ID: 'web, mobile', PROVIDER_GOOGLE_CLIENT_SECRET: 's' };
    expect(providersOf(env)).toMatchObject([
      { key: 'google', type: 'google', clientIds: ['web', 'mobile'], clientSecret: 's', trusted: true, signUp: true },
    ]);
  });

  test('the environment wins over the file', () => {
    const file = {
      providers: { 'my-id': { clientId: 'file', issuer: 'https://id.example.com', scopes: 'openid, email' } },
    };
    expect(providersOf({ PROVIDER_MY_ID_CLIENT_ID: 'env' }, file)).toMatchObject([
      { key: 'my-id', type: 'oidc', clientIds: ['env'], scopes: ['openid', 'email'], trusted: false },
    ]);
  });

  test('a known provider at another issuer is not trusted unless told so', () => {
    const gitlab = { clientId: 'id', issuer: 'https://gitlab.example.com' };
    expect(providersOf({}, { providers: { gitlab } })).toMatchObject([{ trusted: false }]);
    expect(providersOf({}, { providers: { gitlab: { ...gitlab, trusted: true } } })).toMatchObject([{ trusted: true }]);
  });

  test('what is missing or unknown is named', () => {
    const file = {
      providers: {
        google: { clientSecret: 's' },
        corp: { clientId: 'id' },
        other: { type: 'gogle', clientId: 'id' },
        apple: { clientId: 'id', settings: { teamId: 't' } },
        github: { clientId: 'id', clientSecert: 's' },
        'Not a key': {},
      },
    };
    expect(problemsOf({}, file).map(({ key, problem, nearest }) => [key, problem, nearest ?? null])).toEqual([
      ['providers.google.clientId', 'is missing', null],
      ['providers.corp.issuer', 'is missing', null],
      ['providers.other.type', 'is "gogle", which is not a known type', 'google'],
      ['providers.apple.settings', 'lacks keyId, privateKey', null],
      ['providers.github.clientSecert', 'is not a known key', 'clientSecret'],
      ['providers.Not a key', 'is not a name for a provider', null],
    ]);
  });

  test('every type that exists can be configured', () => {
    expect(Object.keys(providerTypes).toSorted()).toEqual([...kinds.keys()].toSorted());
  });
});

describe('Describing', () => {
  test('shows every key with its source, and no secret', () => {
    const rows = describeConfig({
      env: { PORT: '4000', SECRET: strong, DATABASE_URL: 'postgres://me:canary@db/latchkey?password=canary' },
      cwd: '/srv',
      fileText: JSON.stringify({
        logLevel: 'debug',
        policy: { users: { selfDeletion: true } },
        providers: { github: { clientId: 'id', clientSecret: 'canary' } },
      }),
    });
    const row = (key: string) => rows.find((candidate) => candidate.key === key);
    expect(row('PORT')).toEqual({ key: 'PORT', value: '4000', source: 'environment' });
    expect(row('LOG_LEVEL')).toEqual({ key: 'LOG_LEVEL', value: 'debug', source: 'file' });
    expect(row('HASH_ITERATIONS')).toEqual({ key: 'HASH_ITERATIONS', value: '2', source: 'default' });
    expect(row('SECRET')).toEqual({ key: 'SECRET', value: '(secret)', source: 'environment' });
    expect(row('DATABASE_URL')).toEqual({
      key: 'DATABASE_URL',
      value: 'postgres://…@db/latchkey?…',
      source: 'environment',
    });
    expect(row('policy.users.selfDeletion')).toEqual({
      key: 'policy.users.selfDeletion',
      value: 'true',
      source: 'file',
    });
    expect(row('MOUNT_BETTER_AUTH')).toEqual({ key: 'MOUNT_BETTER_AUTH', value: '/better-auth', source: 'default' });
    expect(row('providers.github.clientSecret')).toMatchObject({ value: '(secret)', source: 'file' });
    expect(JSON.stringify(rows)).not.toMatch(/canary|q7Zk/);
  });
});
