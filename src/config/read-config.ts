import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Config, ProjectConfig } from '../base/configuration.ts';
import { hashBounds } from '../base/hash-bounds.ts';
import { systemRandom } from '../base/random.ts';
import { isLoopback } from './forms.ts';
import { keys, type Settings } from './keys.ts';
import { policyKeys } from './policy-keys.ts';
import { ConfigError, type Problem } from './problem.ts';
import { readFile } from './read-file.ts';
import { readMounts } from './read-mounts.ts';
import { projectSections, readProjects } from './read-projects.ts';
import { secretFromFile } from './secret-file.ts';
import { type ConfigRow, type Env, environmentName, type Reader, readSection } from './section.ts';
import { unknownNames } from './unknown-names.ts';

export interface ConfigInput {
  readonly env: Env;
  readonly cwd: string;
  /** Instead of what is on disk. */
  readonly fileText?: string;
  /** Whether people read what is printed. */
  readonly terminal?: boolean;
  /** Where the secret comes from when none is configured; by default the file in the data directory. */
  readonly generatedSecret?: (dataDir: string) => string;
}

/** Turns text into a checked value, once. Nothing else reads the environment. @throws ConfigError with every problem */
export function readConfig(input: ConfigInput): Config {
  const { config } = inspect(input);
  const makeSecret = input.generatedSecret ?? ((dataDir) => secretFromFile(dataDir, systemRandom()));
  return { ...config, secrets: { ...config.secrets, current: config.secrets.current ?? makeSecret(config.dataDir) } };
}

/** What `latchkey config print` shows: every key, its value without secrets, and where it came from. Makes no file. */
export const describeConfig = (input: ConfigInput): readonly ConfigRow[] => inspect(input).rows;

type Draft = Omit<Config, 'secrets'> & {
  readonly secrets: { readonly current: string | null; readonly previous: readonly string[] };
};

function inspect(input: ConfigInput): { readonly config: Draft; readonly rows: readonly ConfigRow[] } {
  const env = withoutEmpty(input.env);
  const problems: Problem[] = [];
  const file = readFile({ ...input, env }, problems);
  const reader: Reader = { env, fileName: file.name, problems, rows: [], usedNames: new Set() };

  const settings = readSection(reader, keys, file.content, {
    path: '',
    envName: environmentName,
    alsoKnown: ['mounts', 'projects', ...projectSections],
  });
  const projects = withAppUrl(
    withTrustedOrigins(readProjects(reader, file.content), settings.trustedOrigins),
    settings.appUrl,
  );
  const mounts = readMounts(
    reader,
    file.content.mounts,
    projects.map((project) => project.key),
  );
  problems.push(...unknownNames(env, reader.usedNames));

  const publicUrl = settings.publicUrl ?? `http://localhost:${settings.port}`;
  const loopback = isLoopback(new URL(publicUrl).hostname);
  const config: Draft = {
    http: {
      host: settings.host,
      port: settings.port,
      publicUrl,
      trustedProxies: settings.trustedProxies,
      bodyLimitBytes: settings.bodyLimitBytes,
      requestTimeoutSeconds: settings.requestTimeoutSeconds,
      drainSeconds: settings.drainSeconds,
      shutdownSeconds: settings.shutdownSeconds,
      limits: settings.limits,
      metricsToken: settings.metricsToken,
    },
    dataDir: resolve(input.cwd, settings.dataDir),
    database: database(settings, input.cwd),
    redisUrl: settings.redisUrl,
    secrets: { current: settings.secret, previous: settings.secretPrevious },
    mail: { smtpUrl: settings.smtpUrl, from: settings.mailFrom ?? sender(new URL(publicUrl).hostname) },
    log: {
      level: settings.logLevel,
      pretty: settings.logFormat === null ? (input.terminal ?? false) : settings.logFormat === 'pretty',
    },
    hashing: {
      memoryKib: settings.hashMemoryKib,
      iterations: settings.hashIterations,
      parallelism: settings.hashParallelism,
      concurrency: settings.hashConcurrency ?? availableParallelism(),
      queueLength: settings.hashQueueLength,
    },
    sessionCacheEntries: settings.sessionCacheEntries,
    retention: { eventDays: settings.eventRetentionDays, anonymousDays: settings.anonymousRetentionDays },
    mounts,
    projects,
    turnstile:
      settings.turnstileSecret === null ? null : { secret: settings.turnstileSecret, url: settings.turnstileUrl },
    breachedPasswords: settings.breachedPasswords,
    development: settings.nodeEnv === null ? loopback : settings.nodeEnv !== 'production',
  };
  problems.push(...contradictions(config, settings));
  if (problems.length > 0) throw new ConfigError(problems);
  return { config, rows: reader.rows };
}

/** The environment adds to what the file's policy says of the default project. */
function withTrustedOrigins(projects: readonly ProjectConfig[], origins: readonly string[]): readonly ProjectConfig[] {
  if (origins.length === 0) return projects;
  const [main, ...others] = projects as readonly [ProjectConfig, ...ProjectConfig[]];
  const reading = policyKeys[originsKey]!.form.read(main.policy[originsKey] ?? []);
  const known = 'value' in reading ? (reading.value as readonly string[]) : [];
  return [{ ...main, policy: { ...main.policy, [originsKey]: [...new Set([...known, ...origins])] } }, ...others];
}

const originsKey = 'redirects.origins';

function withAppUrl(projects: readonly ProjectConfig[], appUrl: string | null): readonly ProjectConfig[] {
  const [main, ...others] = projects as readonly [ProjectConfig, ...ProjectConfig[]];
  return appUrl === null ? projects : [{ ...main, appUrl }, ...others];
}

/** What each key allows alone and the whole does not. */
function contradictions(config: Draft, settings: Settings): Problem[] {
  const problems: Problem[] = [];
  const report = (key: string, problem: string, mend: string) =>
    problems.push({ key, source: 'combination', problem, mend });

  const origins: [string, string][] = [['PUBLIC_URL', config.http.publicUrl]];
  for (const [dialect, mount] of Object.entries(config.mounts)) {
    if (mount.kind === 'host') origins.push([`mounts.${dialect}`, mount.origin]);
  }
  for (const [key, origin] of origins) {
    const { protocol, hostname } = new URL(origin);
    if (settings.nodeEnv !== 'production' || protocol === 'https:' || isLoopback(hostname)) continue;
    report(
      key,
      `is ${origin}, and plain http sends passwords and sessions in clear`,
      'Use https, or NODE_ENV=development.',
    );
  }
  // argon2 needs 8 KiB for each lane (RFC 9106 §3.1).
  if (settings.hashMemoryKib < 8 * settings.hashParallelism) {
    report('HASH_MEMORY_KIB', 'is less than 8 KiB for each lane of HASH_PARALLELISM', 'Raise it.');
  }
  if (settings.hashMemoryKib * settings.hashIterations > hashBounds.work) {
    report('HASH_ITERATIONS', `times HASH_MEMORY_KIB is more than ${hashBounds.work}`, 'Lower one of them.');
  }
  if (config.database.engine === 'sqlite' && settings.databaseDirectUrl !== null) {
    report('DATABASE_DIRECT_URL', 'is set, and the database is SQLite', 'Set DATABASE_URL too, or remove it.');
  }
  if (settings.secret !== null && settings.secretPrevious.includes(settings.secret)) {
    report('SECRET_PREVIOUS', 'holds the current secret', 'Set SECRET to a new one, or remove this one.');
  }
  for (const { key, keys: given } of config.projects) {
    const digests = Object.values(given).filter((digest) => digest !== null);
    if (new Set(digests).size === digests.length) continue;
    report(
      `keys of ${key}`,
      'are the same for two kinds',
      'Browsers show the publishable one to everybody: make others.',
    );
  }
  const dialectDomains = config.projects.flatMap(({ key, betterAuth, axumkit }) => [
    { key, section: 'betterAuth', domain: betterAuth.cookieDomain, mount: config.mounts['better-auth'] },
    { key, section: 'axumkit', domain: axumkit.cookieDomain, mount: config.mounts.axumkit },
  ]);
  for (const { key, section, domain, mount } of dialectDomains) {
    const { hostname } = new URL(mount.kind === 'host' ? mount.origin : config.http.publicUrl);
    if (domain === null || hostname === domain || hostname.endsWith(`.${domain}`)) continue;
    report(
      `${section}.cookieDomain of ${key}`,
      `is ${domain}, which does not hold ${hostname}`,
      'Browsers would drop the cookies.',
    );
  }
  return problems;
}

function database(
  {
    databaseUrl,
    databaseDirectUrl,
    databasePooler,
    databaseSchema,
    databasePoolSize,
    databaseConnectSeconds,
    databaseStatementSeconds,
    dataDir,
  }: Settings,
  cwd: string,
): Config['database'] {
  if (databaseUrl?.engine === 'postgres') {
    return {
      ...{ engine: 'postgres', url: databaseUrl.url, directUrl: databaseDirectUrl, pooler: databasePooler },
      ...{ schema: databaseSchema, poolSize: databasePoolSize },
      ...{ connectMs: databaseConnectSeconds * 1000, statementMs: databaseStatementSeconds * 1000 },
    };
  }
  const file = databaseUrl ? resolve(cwd, databaseUrl.file) : resolve(cwd, dataDir, 'latchkey.db');
  return { engine: 'sqlite', file };
}

const sender = (host: string): string => `no-reply@${/^[\d.[]/.test(host) ? 'localhost' : host}`;

/** Compose files pass on variables that nobody set as empty ones. */
const withoutEmpty = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
