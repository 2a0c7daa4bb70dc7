import type { FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type Clock, systemClock } from './base/clock.ts';
import type { Config } from './base/configuration.ts';
import { uuidV7 } from './base/ids.ts';
import { type Random, systemRandom } from './base/random.ts';
import type { Limiter } from './core/limits.ts';
import { offerFirstAdmin } from './core/projects/first-admin.ts';
import { passkeyVerifier } from './crypto/passkeys.ts';
import { createPasswordHasher } from './crypto/password-hasher.ts';
import { createVault } from './crypto/vault.ts';
import { createMetrics } from './http/ops/metrics.ts';
import { serveOps } from './http/ops/ops-routes.ts';
import { createServer } from './http/server.ts';
import { createJobRunner, type JobRunner } from './jobs/job-runner.ts';
import { systemEvery } from './jobs/timer.ts';
import { openLog } from './log.ts';
import { captureMailer } from './mail/capture-mailer.ts';
import { smtpMailer } from './mail/smtp-mailer.ts';
import { type OpenProject, openProjects } from './open-projects.ts';
import { createGuardedFetch, type GuardedFetch } from './providers/guarded-fetch.ts';
import { serveSurfaces } from './serve-surfaces.ts';
import { postgresBus } from './store/invalidation/postgres-bus.ts';
import { redisBus } from './store/invalidation/redis-bus.ts';
import { memoryLimiter } from './store/limiter/memory-limiter.ts';
import { redisLimiter } from './store/limiter/redis-limiter.ts';
import { openStore } from './store/open-store.ts';

/** How often last uses of sessions are written. */
const flushEveryMs = 5_000;

/** What tests bring instead of the real thing. */
export interface Stand {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  readonly fetch?: GuardedFetch;
  /** Jobs run only when a test says so. */
  readonly jobsByHand?: boolean;
}

export interface App {
  readonly http: FastifyInstance;
  readonly log: Logger;
  readonly projects: readonly OpenProject[];
  /** The project that mounts belong to unless configured otherwise. */
  readonly mainProject: OpenProject;
  /** Runs every job that is due, in every project, until none is left. */
  drainJobs(): Promise<void>;
  /** The address it answers at. */
  listen(): Promise<string>;
  /** A link for the first administrator; null once somebody exists. */
  firstAdminLink(): Promise<string | null>;
  /** Finishes requests and jobs in progress, then closes the store. */
  close(): Promise<void>;
}

/** Builds every part and joins them, top to bottom: the one place that knows all of them. */
export async function compose(config: Config, stand: Stand = {}): Promise<App> {
  const clock = stand.clock ?? systemClock();
  const random = stand.random ?? systemRandom();
  const ids = uuidV7(clock, random);
  const log = stand.log ?? openLog(config.log);
  const onFault = (what: string, err: unknown) => log.error({ err }, what);
  const node = Buffer.from(random.bytes(6)).toString('hex');

  const store = await openStore(config.database, { clock, ids, onFault });
  await store.migrate();
  const vault = createVault(config.secrets, random);
  const passwords = createPasswordHasher(config.hashing, { random, log });
  const passkeys = passkeyVerifier();
  const redis = config.redisUrl === null ? null : new Redis(config.redisUrl, { maxRetriesPerRequest: 2 });
  redis?.on('error', (err) => log.error({ err }, 'Redis does not answer'));

  const mac = (message: string) => vault.mac('limit key', message);
  const limiter: Limiter = redis
    ? redisLimiter(redis, clock, mac)
    : config.database.engine === 'postgres'
      ? store.limiter(mac)
      : memoryLimiter(clock);
  const bus =
    config.redisUrl !== null
      ? redisBus(config.redisUrl, node, onFault)
      : config.database.engine === 'postgres'
        ? postgresBus(config.database, node, onFault)
        : undefined;

  const fetch = stand.fetch ?? createGuardedFetch({ allowPrivate: configuredOrigins(config) });
  const smtp = config.mail.smtpUrl === null ? null : smtpMailer({ url: config.mail.smtpUrl, from: config.mail.from });
  let jobs: JobRunner | null = null;
  const projects = await openProjects(config, {
    ...{ clock, random, ids, store, vault, passwords, passkeys, limiter, fetch },
    ...(bus && { bus }),
    createMailer: (projectStore) => smtp ?? captureMailer({ store: projectStore, clock, ids, from: config.mail.from }),
    wakeJobs: () => jobs?.wake(),
  });
  jobs = createJobRunner({ vault, clock, random, log, queues: projects.map(({ queue }) => queue) });
  await bus?.start();
  const mainProject = projects[0]!;

  const metrics = createMetrics();
  const http = createServer({ config: config.http, log, random, metrics });
  let stopping = false;
  serveOps(http, { ping: store.ping, metrics, metricsToken: config.http.metricsToken, stopping: () => stopping });
  metrics.watch({
    hashQueue: passwords.depth,
    cachedSessions: () => projects.reduce((sum, project) => sum + project.sessionCache.size(), 0),
    jobs: () => mainProject.store.read.jobs.counts(),
  });
  await serveSurfaces(http, config, projects);

  const flushUses = async () => {
    for (const { sessionUses } of projects)
      await sessionUses.flush().catch((err) => onFault('last uses were not written', err));
  };
  const runner = jobs;
  if (!stand.jobsByHand) runner.start();
  const stopFlushing = systemEvery(flushEveryMs, () => void flushUses());

  return {
    http,
    log,
    projects,
    mainProject,
    async drainJobs() {
      await runner.drain();
    },
    listen: () => http.listen({ host: config.http.host, port: config.http.port }),
    firstAdminLink: () => offerFirstAdmin(mainProject.context('pages')),
    async close() {
      stopping = true;
      await http.close();
      stopFlushing();
      await runner.stop(config.http.shutdownSeconds * 1000);
      await flushUses();
      await smtp?.close();
      await bus?.close();
      redis?.disconnect();
      await store.close();
    },
  };
}

/** Issuers and endpoints that the operator named may be on a private network. */
const configuredOrigins = (config: Config): string[] =>
  config.projects
    .flatMap(({ providers }) => providers)
    .flatMap(({ issuer, settings }) => [issuer, ...Object.values(settings)])
    .filter((value): value is string => value !== null && /^https?:\/\//.test(value) && URL.canParse(value));
