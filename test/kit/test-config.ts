import {
  type Config,
  type DatabaseConfig,
  type DialectName,
  type Mount,
  noProjectKeys,
  type ProjectConfig,
} from '../../src/base/configuration.ts';
import { betterAuthKeys } from '../../src/config/keys.ts';

/** What a test may say about the configuration; the rest is as usual. */
export interface ConfigOptions {
  readonly policy?: Record<string, unknown>;
  readonly appUrl?: string | null;
  /** Additional fields as a file has them. */
  readonly betterAuth?: Partial<Omit<ProjectConfig['betterAuth'], 'additionalFields'>> & {
    readonly additionalFields?: Readonly<Record<string, unknown>>;
  };
  readonly hexclave?: Partial<ProjectConfig['hexclave']>;
  readonly axumkit?: Partial<ProjectConfig['axumkit']>;
  readonly providers?: ProjectConfig['providers'];
  /** In place of the one project that the options above describe. The first one is the main one. */
  readonly projects?: readonly ProjectConfig[];
  readonly mounts?: Partial<Record<DialectName, Mount>>;
  readonly http?: Partial<Config['http']>;
  readonly hashing?: Partial<Config['hashing']>;
  readonly redisUrl?: string;
  readonly turnstile?: Config['turnstile'];
  readonly breachedPasswords?: string;
  readonly development?: boolean;
  readonly smtpUrl?: string;
  readonly secret?: string;
}

/** Where a world is. */
interface Place {
  readonly port: number;
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly database: DatabaseConfig;
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
  lastLoginMethod: false,
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
  appUrl: null,
  policy: {},
  keys: noProjectKeys,
  providers: [],
  betterAuth: defaultBetterAuth,
  hexclave: defaultHexclave,
  axumkit: defaultAxumKit,
  ...overrides,
});

function fieldsOf({
  additionalFields,
}: ConfigOptions['betterAuth'] = {}): ProjectConfig['betterAuth']['additionalFields'] {
  const reading = betterAuthKeys.additionalFields.form.read(additionalFields ?? {});
  if ('problem' in reading) throw new Error(reading.problem);
  return reading.value;
}

/** The configuration of a test: every dialect mounted on the first project, passwords hashed cheaply, mail kept. */
export function testConfig(options: ConfigOptions, { port, publicUrl, dataDir, database }: Place): Config {
  const own = aProject({
    appUrl: options.appUrl ?? null,
    policy: options.policy ?? {},
    providers: options.providers ?? [],
    betterAuth: { ...defaultBetterAuth, ...options.betterAuth, additionalFields: fieldsOf(options.betterAuth) },
    hexclave: { ...defaultHexclave, ...options.hexclave },
    axumkit: { ...defaultAxumKit, ...options.axumkit },
  });
  const projects = options.projects ?? [own];
  const mainKey = projects[0]!.key;
  return {
    http: {
      host: '127.0.0.1',
      port,
      publicUrl,
      trustedProxies: [],
      bodyLimitBytes: 1_048_576,
      requestTimeoutSeconds: 30,
      drainSeconds: 0,
      shutdownSeconds: 5,
      limits: false,
      metricsToken: null,
      ...options.http,
    },
    dataDir,
    database,
    redisUrl: options.redisUrl ?? null,
    secrets: { current: options.secret ?? 'test secret that is long enough 0123456789', previous: [] },
    mail: { smtpUrl: options.smtpUrl ?? null, from: 'Test App <no-reply@test.example>' },
    log: { level: 'debug', pretty: false },
    hashing: { memoryKib: 64, iterations: 1, parallelism: 1, concurrency: 2, queueLength: 100, ...options.hashing },
    sessionCacheEntries: 1000,
    retention: { eventDays: 400, anonymousDays: 30 },
    mounts: {
      'better-auth': { kind: 'path', prefix: '/better-auth', project: mainKey },
      hexclave: { kind: 'path', prefix: '/hexclave', project: mainKey },
      axumkit: { kind: 'path', prefix: '/axumkit', project: mainKey },
      ...options.mounts,
    },
    projects,
    turnstile: options.turnstile ?? null,
    breachedPasswords: options.breachedPasswords ?? null,
    development: options.development ?? true,
  };
}
