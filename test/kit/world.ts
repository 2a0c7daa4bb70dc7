import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Config, DatabaseConfig, DialectName, Mount, ProjectConfig } from '../../src/base/configuration.ts';
import { type App, compose } from '../../src/compose.ts';
import type { CapturedMail } from '../../src/core/jobs/job.ts';
import type { GuardedFetch } from '../../src/providers/guarded-fetch.ts';
import { Browser } from './browser.ts';
import { type TestClock, testClock } from './clock.ts';
import { type ApiDocument, contractOf } from './contract.ts';
import { type Engine, engines, type TestDatabase } from './engines.ts';
import { seededRandom } from './random.ts';

export interface WorldOptions {
  readonly engine?: Engine;
  readonly policy?: Record<string, unknown>;
  readonly betterAuth?: Partial<ProjectConfig['betterAuth']>;
  readonly hexclave?: Partial<ProjectConfig['hexclave']>;
  readonly axumkit?: Partial<ProjectConfig['axumkit']>;
  readonly providers?: ProjectConfig['providers'];
  readonly projects?: readonly ProjectConfig[];
  readonly mounts?: Partial<Record<DialectName, Mount>>;
  readonly http?: Partial<Config['http']>;
  readonly hashing?: Partial<Config['hashing']>;
  readonly database?: DatabaseConfig;
  readonly redisUrl?: string;
  readonly fetch?: GuardedFetch;
  readonly turnstile?: Config['turnstile'];
  readonly seed?: number;
  /** When it is; a fixed day unless a client of its own clock takes part. */
  readonly startIso?: string;
  /** WebAuthn takes names only: browsers know the server as `localhost`. */
  readonly hostname?: string;
  readonly development?: boolean;
  /** Hold every answer to the published document. On unless a test is about what goes wrong. */
  readonly contract?: boolean;
}

export interface World {
  readonly app: App;
  readonly url: string;
  /** Base of the Better Auth API. */
  readonly betterAuthUrl: string;
  readonly clock: TestClock;
  readonly database: TestDatabase | null;
  /** Where uploaded files are. */
  readonly dataDir: string;
  /** Log lines written so far. */
  readonly logged: string[];
  browser(headers?: Record<string, string>): Browser;
  /** Runs due jobs, then the newest mail to an address. Fails when there is none. */
  mail(to: string): Promise<CapturedMail>;
  mails(to?: string): Promise<readonly CapturedMail[]>;
  eventTypes(userId: string): Promise<string[]>;
  close(): Promise<void>;
}

export const defaultBetterAuth: ProjectConfig['betterAuth'] = {
  errorCodes: 'keyed',
  cookiePrefix: 'better-auth',
  cookieDomain: null,
  listSessionsFresh: true,
  apiKeysActAsOwner: false,
  apiKeyListShape: 'object',
  apiKeyMetadata: false,
  serviceToken: null,
  invitationUrl: null,
  magicLink: true,
  emailOtp: true,
  anonymous: false,
  multiSession: false,
  oneTimeToken: false,
  jwt: false,
  jwtAlgorithm: 'EdDSA',
  additionalFields: {},
};

export const defaultHexclave: ProjectConfig['hexclave'] = { generation: 'current', cliLoginSeconds: 120 };

export const defaultAxumKit: ProjectConfig['axumkit'] = {
  frontendUrl: null,
  verifyEmailPath: '/verify-email',
  resetPasswordPath: '/reset-password',
  confirmEmailChangePath: '/confirm-email-change',
  googleRedirectUri: null,
  githubRedirectUri: null,
  totpIssuer: null,
  cookieDomain: null,
  originCheck: true,
};

/** Operations that are off unless configured. */
export const everyPlugin = { anonymous: true, multiSession: true, oneTimeToken: true, jwt: true } as const;

export const aProject = (overrides: Partial<ProjectConfig> = {}): ProjectConfig => ({
  key: 'default',
  id: null,
  displayName: 'Test App',
  policy: {},
  providers: [],
  betterAuth: defaultBetterAuth,
  hexclave: defaultHexclave,
  axumkit: defaultAxumKit,
  ...overrides,
});

/** A server on a free port with a clock that can be moved, seeded chance and mail kept in memory of the database. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const database = options.database ? null : await (options.engine ?? engines[0]!).create();
  const clock = testClock(options.startIso);
  const logged: string[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
  const port = await freePort();
  const hostname = options.hostname ?? '127.0.0.1';
  const publicUrl = options.http?.publicUrl ?? `http://${hostname}:${port}`;
  const own = aProject({
    policy: options.policy ?? {},
    providers: options.providers ?? [],
    betterAuth: { ...defaultBetterAuth, ...options.betterAuth },
    hexclave: { ...defaultHexclave, ...options.hexclave },
    axumkit: { ...defaultAxumKit, ...options.axumkit },
  });
  const projects = options.projects ?? [own];
  const mainKey = projects[0]!.key;
  const config: Config = {
    http: {
      host: '127.0.0.1',
      port,
      publicUrl,
      trustedProxies: [],
      bodyLimitBytes: 1_048_576,
      requestTimeoutSeconds: 30,
      shutdownSeconds: 5,
      limits: false,
      metricsToken: null,
      ...options.http,
    },
    dataDir,
    database: options.database ?? database!.config,
    redisUrl: options.redisUrl ?? null,
    secrets: { current: 'test secret that is long enough 0123456789', previous: [] },
    mail: { smtpUrl: null, from: 'Test App <no-reply@test.example>' },
    log: { level: 'debug', pretty: false },
    hashing: { memoryKib: 64, iterations: 1, parallelism: 1, concurrency: 2, queueLength: 100, ...options.hashing },
    sessionCacheEntries: 1000,
    mounts: {
      'better-auth': { kind: 'path', prefix: '/better-auth', project: mainKey },
      hexclave: { kind: 'path', prefix: '/hexclave', project: mainKey },
      axumkit: { kind: 'path', prefix: '/axumkit', project: mainKey },
      ...options.mounts,
    },
    projects,
    turnstile: options.turnstile ?? null,
    development: options.development ?? true,
  };
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const app = await compose(config, {
    clock,
    random: seededRandom(options.seed ?? 1),
    log: log as never,
    jobsByHand: true,
    ...(options.fetch && { fetch: options.fetch }),
  });
  await app.listen();
  const url = `http://${hostname}:${port}`;
  const betterAuthUrl = `${url}/better-auth/api/auth`;
  const { store } = app.mainProject;
  const contract = (options.contract ?? true) ? await publishedContract(app, '/better-auth/openapi.json') : null;

  const world: World = {
    app,
    url,
    betterAuthUrl,
    clock,
    database,
    dataDir,
    logged,
    browser: (headers) => new Browser(betterAuthUrl, headers, contract),
    async mails(to) {
      await app.drainJobs();
      return store.read.mail.list({ ...(to !== undefined && { to }), limit: 100 });
    },
    async mail(to) {
      const [newest] = await world.mails(to);
      if (!newest) throw new Error(`no mail to ${to}`);
      return newest;
    },
    async eventTypes(userId) {
      const events = await store.read.events.listOf(userId, { limit: 100 });
      return events.map(({ type }) => type).reverse();
    },
    async close() {
      await app.close();
      await database?.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return world;
}

/** Null where the dialect is not mounted at its usual place. */
async function publishedContract(app: App, path: string) {
  const answer = await app.http.inject({ method: 'GET', url: path });
  return answer.statusCode === 200 ? contractOf(answer.json<ApiDocument>()) : null;
}

/** A port that nothing listens on; links of the server are built from it before it listens. */
async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
