import type { Logger } from 'pino';
import type { Clock } from './base/clock.ts';
import type { Config, ProjectConfig } from './base/configuration.ts';
import type { Ids } from './base/ids.ts';
import type { Random } from './base/random.ts';
import { applyPolicy } from './config/policy-keys.ts';
import type { Context } from './core/context.ts';
import { mailEmailVerification } from './core/emails/request-email-verification.ts';
import type { Limiter } from './core/limits.ts';
import type { PasswordHasher } from './core/passwords/password-hasher.ts';
import { mailPasswordReset } from './core/passwords/request-password-reset.ts';
import { defaultPolicy } from './core/policy.ts';
import type { Project } from './core/project.ts';
import { createSessionCache, type SessionCache } from './core/sessions/session-cache.ts';
import { createSessionUses } from './core/sessions/session-uses.ts';
import type { Store } from './core/store.ts';
import type { SurfaceName, SurfaceProfile } from './core/surface.ts';
import type { Vault } from './core/vault.ts';
import { betterAuthProfile } from './http/better-auth/profile.ts';
import { placeOf } from './http/mount.ts';
import { pagesProfile } from './http/pages/profile.ts';
import { createJobRunner, type JobRunner } from './jobs/job-runner.ts';
import { sendMailHandler } from './jobs/send-mail.ts';
import { startSweeping } from './jobs/sweep.ts';
import type { Mailer } from './mail/mailer.ts';
import type { GuardedFetch } from './providers/guarded-fetch.ts';
import { openProviders } from './providers/open-providers.ts';
import type { InvalidationBus } from './store/invalidation/bus.ts';
import type { OpenStore } from './store/open-store.ts';

const profiles: { readonly [name in SurfaceName]: SurfaceProfile } = {
  'better-auth': betterAuthProfile,
  pages: pagesProfile,
  cli: { ...pagesProfile, name: 'cli' },
};

/** How often noted session uses are written. */
const flushEveryMs = 5_000;

interface Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly log: Logger;
  readonly store: OpenStore;
  readonly vault: Vault;
  readonly passwords: PasswordHasher;
  readonly limiter: Limiter;
  readonly fetch: GuardedFetch;
  readonly node: string;
  readonly bus?: InvalidationBus;
  readonly createMailer: (store: Store) => Mailer;
}

/** One tenant with its memory, its rules and its timed work. */
export interface OpenProject {
  readonly project: Project;
  readonly config: ProjectConfig;
  readonly store: Store;
  readonly sessionCache: SessionCache;
  readonly jobs: JobRunner;
  /** What a surface hands to use cases; the same object every time. */
  context(surface: SurfaceName): Context;
  start(): void;
  stop(deadlineMs: number): Promise<void>;
}

/** The configured projects, the main one first. */
export function openProjects(config: Config, deps: Deps): Promise<readonly OpenProject[]> {
  return Promise.all(config.projects.map((project) => openProject(config, project, deps)));
}

async function openProject(config: Config, own: ProjectConfig, deps: Deps): Promise<OpenProject> {
  const { clock, ids, random, vault, passwords, limiter, log, node } = deps;
  const stored = await deps.store.projects.ensure({ key: own.key, displayName: own.displayName });
  const project: Project = { ...stored, policy: applyPolicy(defaultPolicy, own.policy) };
  const sessionCache = createSessionCache(config.sessionCacheEntries);
  const store = deps.store.forProject(project.id, { sessionCache, ...(deps.bus && { bus: deps.bus }) });
  const sessionUses = createSessionUses(store);
  const providers = openProviders(own.providers, { clock, fetch: deps.fetch });

  const contexts = new Map<SurfaceName, Context>();
  const context = (surface: SurfaceName): Context => {
    const known = contexts.get(surface);
    if (known) return known;
    const made: Context = {
      project,
      surface: profiles[surface],
      publicUrl: config.http.publicUrl,
      surfaceUrl: surfaceUrl(config, surface),
      ...{ store, sessionCache, sessionUses, clock, random, ids, passwords, vault, limiter, providers },
      wakeJobs: () => jobs.wake(),
    };
    contexts.set(surface, made);
    return made;
  };

  const jobs: JobRunner = createJobRunner({
    ...{ store, vault, clock, random, log },
    worker: `${node} ${project.key}`,
    handlers: {
      send_mail: sendMailHandler(deps.createMailer(store)),
      mail_password_reset: (work) => mailPasswordReset(context(work.surface), work),
      mail_email_verification: (work) => mailEmailVerification(context(work.surface), work),
    },
  });

  let flushing: NodeJS.Timeout | undefined;
  let sweeping: { stop(): void } | undefined;
  const flush = () => sessionUses.flush().catch((err) => log.error({ err }, 'session uses were not written'));
  return {
    project,
    config: own,
    store,
    sessionCache,
    jobs,
    context,
    start() {
      jobs.start();
      sweeping = startSweeping({ store, clock, log });
      flushing = setInterval(flush, flushEveryMs).unref();
    },
    async stop(deadlineMs) {
      clearInterval(flushing);
      sweeping?.stop();
      await jobs.stop(deadlineMs);
      await flush();
    },
  };
}

function surfaceUrl(config: Config, surface: SurfaceName): string {
  const mount = surface === 'pages' || surface === 'cli' ? null : config.mounts[surface];
  return mount && mount.kind !== 'off' ? placeOf(mount, config.http.publicUrl).url : config.http.publicUrl;
}
