import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type Clock, days, type Instant, systemClock } from './base/clock.ts';
import type { Config } from './base/configuration.ts';
import { type Ids, uuidV7 } from './base/ids.ts';
import { type Random, systemRandom } from './base/random.ts';
import { toldOnce } from './base/told-once.ts';
import { applicationProblems } from './browser-applications.ts';
import type { Limiter } from './core/limits.ts';
import { holdSecret } from './core/secret-probe.ts';
import type { Vault } from './core/vault.ts';
import { openBreachedPasswords } from './crypto/breached-passwords.ts';
import { passkeyVerifier } from './crypto/passkeys.ts';
import { createPasswordHasher, type PooledHasher } from './crypto/password-hasher.ts';
import { tokenSigner } from './crypto/token-signer.ts';
import { createVault } from './crypto/vault.ts';
import { diskStorage } from './files/disk-storage.ts';
import { sharpEncoder } from './files/sharp-encoder.ts';
import { clockProblem, passkeyMend, strandedPasskeys } from './installation-checks.ts';
import { openLog } from './log.ts';
import { captureMailer } from './mail/capture-mailer.ts';
import type { Mailer } from './mail/mailer.ts';
import { type OpenProjects, openProjects } from './open-projects.ts';
import { createGuardedFetch, type GuardedFetch } from './providers/guarded-fetch.ts';
import { turnstile } from './providers/turnstile.ts';
import type { InvalidationBus } from './store/invalidation/bus.ts';
import { sqliteTeller } from './store/invalidation/sqlite-teller.ts';
import { fallbackLimiter } from './store/limiter/fallback-limiter.ts';
import { memoryLimiter } from './store/limiter/memory-limiter.ts';
import { redisLimiter } from './store/limiter/redis-limiter.ts';
import { MigrationError } from './store/migrate.ts';
import { type OpenStore, openStore } from './store/open-store.ts';

/** What tests and commands bring instead of the real thing. */
export interface Stand {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Logger;
  readonly fetch?: GuardedFetch;
  /** Jobs run only when a test says so. */
  readonly jobsByHand?: boolean;
}

/** At a start, which is not to take longer the more there are. `latchkey doctor` looks at all. */
const passkeysLookedAt = 1_000;

/** Of the counters of limits that go at once; others go with the next sweep. */
const eventBatch = 500;
/** A backlog is worked off over several runs, between which others write. */
const eventBatches = 20;
const limitCounterBatch = 50_000;

/** The server migrates the database and hears other nodes; a command works beside it and only tells. */
export type Part = 'server' | 'command';

/** Everything use cases need, without HTTP and without jobs. */
export interface Core {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly log: Logger;
  readonly onFault: (what: string, err: unknown) => void;
  readonly store: OpenStore;
  readonly vault: Vault;
  readonly passwords: PooledHasher;
  readonly projects: OpenProjects;
  readonly bus: InvalidationBus | undefined;
  /** Tells this process from others. */
  readonly node: string;
  /** Called after every commit that queued a job. */
  onWork(wake: () => void): void;
  /** Deletes what has expired and belongs to no project. */
  sweepShared(): Promise<number>;
  close(): Promise<void>;
}

export async function openCore(config: Config, stand: Stand, part: Part): Promise<Core> {
  const { clock, random, ids, log, onFault } = foundation(config, stand);
  const { breachedPasswords: list } = config;
  const breachedPasswords = list === null ? null : await openBreachedPasswords(list);
  const node = Buffer.from(random.bytes(6)).toString('hex');

  const store = await openStore(config.database, { clock, ids, onFault });
  if (part === 'server') await store.migrate();
  else await refuseUnmigrated(store);
  const vault = createVault(config.secrets, random);
  await holdSecret(store.instance, vault).catch(async (fault) => {
    await store.close();
    throw fault;
  });
  if (part === 'server') await warnOfMisfits(config, store, clock, log);
  const passwords = createPasswordHasher(config.hashing, { random, log });
  const redis = config.redisUrl === null ? null : await openRedis(config.redisUrl, onFault);

  const mac = (message: string) => vault.mac('limit key', message);
  const limiter: Limiter = redis
    ? fallbackLimiter(redisLimiter(redis, clock, mac), memoryLimiter(clock), onFault)
    : config.database.engine === 'postgres'
      ? store.limiter(mac)
      : memoryLimiter(clock);
  const bus = await openBus(config, part, node, { onFault, clock, log, store });

  const fetch = stand.fetch ?? createGuardedFetch({ allowPrivate: configuredOrigins(config) });
  const smtp = await openSmtp(config.mail);
  let wake = () => {};
  const projects = await openProjects(config, {
    ...{
      clock,
      random,
      ids,
      store,
      vault,
      passwords,
      passkeys: passkeyVerifier(),
      signer: tokenSigner(),
      limiter,
      files: diskStorage(join(config.dataDir, 'files'), random),
      images: sharpEncoder(),
      botChallenge: config.turnstile && turnstile(fetch, config.turnstile, onFault),
      breachedPasswords,
      fetch,
      log,
    },
    ...(bus && { bus }),
    createMailer: (projectStore) => smtp ?? captureMailer({ store: projectStore, clock, ids }),
    wakeJobs: () => wake(),
    onFault,
  });

  return {
    ...{ clock, random, ids, log, onFault, store, vault, passwords, projects, bus, node },
    onWork(listener) {
      wake = listener;
    },
    // Also where Redis or memory counts now: another configuration may have counted here.
    async sweepShared() {
      let gone = await store.limiter(mac).sweep(limitCounterBatch);
      const before = (clock.now() - days(config.retention.eventDays)) as Instant;
      for (let round = 0, swept = eventBatch; round < eventBatches && swept === eventBatch; round += 1) {
        swept = await store.sweepEvents(before, eventBatch);
        gone += swept;
      }
      return gone;
    },
    async close() {
      await breachedPasswords?.close();
      await smtp?.close();
      await bus?.close();
      redis?.disconnect();
      await store.close();
    },
  };
}

/** For looking whether a secret fits, without all the rest. */
export const openVault = (secrets: Config['secrets']): Vault => createVault(secrets, systemRandom());

/** The database alone, for commands that look after it. */
export function openDatabase(config: Config, stand: Stand = {}): Promise<OpenStore> {
  const { clock, ids, onFault } = foundation(config, stand);
  return openStore(config.database, { clock, ids, onFault });
}

function foundation(config: Config, stand: Stand) {
  const clock = stand.clock ?? systemClock();
  const random = stand.random ?? systemRandom();
  const log = stand.log ?? openLog(config.log);
  const onFault = (what: string, err: unknown) => log.error({ err }, what);
  return { clock, random, ids: uuidV7(clock, random), log, onFault };
}

/** Of settings that what is stored does not fit. Nothing of it keeps the server from working for everybody else. */
async function warnOfMisfits(config: Config, store: OpenStore, clock: Clock, log: Logger): Promise<void> {
  const clocks = await clockProblem(store, clock.now);
  if (clocks !== null) log.warn(`${clocks}; set both by NTP, for codes and sessions end by the clock`);
  for (const line of await strandedPasskeys(config, store, passkeysLookedAt)) log.warn(`${line}. ${passkeyMend}`);
  for (const { problem, mend } of await applicationProblems(config)) log.warn(`${problem}. ${mend}`);
}

async function refuseUnmigrated(store: OpenStore): Promise<void> {
  const { pending } = await store.plan();
  if (pending.length === 0) return;
  await store.close();
  throw new MigrationError(
    `The database lacks ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`} of this version. ` +
      'Run `latchkey migrate`, or start the server, which does the same.',
  );
}

/** How other processes hear of ended sessions. On SQLite the server looks by itself, and the others say so in the file. */
async function openBus(
  config: Config,
  part: Part,
  node: string,
  { onFault, clock, log, store }: Pick<Core, 'onFault' | 'clock' | 'log' | 'store'>,
): Promise<InvalidationBus | undefined> {
  if (part === 'command' && config.database.engine === 'sqlite') return sqliteTeller(clock);
  if (config.redisUrl !== null) {
    const { redisBus } = await import('./store/invalidation/redis-bus.ts');
    return redisBus(config.redisUrl, node, onFault);
  }
  if (config.database.engine !== 'postgres') return undefined;
  const { postgresBus, postgresTeller } = await import('./store/invalidation/postgres-bus.ts');
  if (!store.pooled || config.database.directUrl !== null) {
    return postgresBus(config.database, node, onFault, store.notify);
  }
  if (part === 'server') log.warn(deafBehindPooler);
  return postgresTeller(config.database, node);
}

const deafBehindPooler =
  'the database is behind a pooler that does not pass on what other nodes say, so sessions are not kept in memory and ' +
  'each check reads the database; set DATABASE_DIRECT_URL or REDIS_URL, or DATABASE_POOLER=session if it keeps connections';

// Clients of services that one machine does without cost 20 MB each, so they are loaded by those who use them.

/** A command is answered within a second or fails: what waits for it is a sign-in. */
async function openRedis(url: string, onFault: Core['onFault']): Promise<Redis> {
  const library = await import('ioredis');
  const bounds = { connectTimeout: 3_000, commandTimeout: 1_000, maxRetriesPerRequest: 0, enableOfflineQueue: false };
  const redis = new library.Redis(url, { ...bounds, retryStrategy: (tries) => Math.min(100 * 2 ** tries, 5_000) });
  const outage = toldOnce(onFault, 'Redis does not answer');
  redis.on('error', outage.fault);
  redis.on('ready', outage.isBack);
  return redis;
}

async function openSmtp({ smtpUrl }: Config['mail']): Promise<Mailer | null> {
  if (smtpUrl === null) return null;
  const { smtpMailer } = await import('./mail/smtp-mailer.ts');
  return smtpMailer({ url: smtpUrl });
}

/** Issuers and endpoints that the operator named may be on a private network. */
const configuredOrigins = ({ projects, turnstile: challenge }: Config): string[] =>
  [
    ...projects
      .flatMap(({ providers }) => providers)
      .flatMap(({ issuer, settings }) => [issuer, ...Object.values(settings)]),
    challenge?.url ?? null,
  ].filter((value): value is string => value !== null && /^https?:\/\//.test(value) && URL.canParse(value));
