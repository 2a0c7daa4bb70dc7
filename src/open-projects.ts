import type { Clock } from './base/clock.ts';
import type { Config, ProjectConfig } from './base/configuration.ts';
import type { Ids } from './base/ids.ts';
import type { Random } from './base/random.ts';
import { applyPolicy } from './config/policy-keys.ts';
import type { Context } from './core/context.ts';
import { mailEmailVerification } from './core/emails/request-email-verification.ts';
import type { IdentityProviders } from './core/identities/provider.ts';
import type { Limiter } from './core/limits.ts';
import type { PasskeyVerifier } from './core/passkeys/passkey.ts';
import type { PasswordHasher } from './core/passwords/password-hasher.ts';
import { mailPasswordReset } from './core/passwords/request-password-reset.ts';
import { syncProjectRoles } from './core/permissions/sync-project-roles.ts';
import { defaultPolicy, type Policy } from './core/policy.ts';
import type { Project } from './core/project.ts';
import { createSessionCache, type SessionCache } from './core/sessions/session-cache.ts';
import { createSessionUses, type SessionUses } from './core/sessions/session-uses.ts';
import { mailCode } from './core/sign-in/request-mail-code.ts';
import { mailSignInLink } from './core/sign-in/request-mail-link.ts';
import type { TokenSigner } from './core/signing/signing-key.ts';
import type { Store } from './core/store.ts';
import type { SurfaceName, SurfaceProfile } from './core/surface.ts';
import type { Vault } from './core/vault.ts';
import { betterAuthProfile } from './http/better-auth/profile.ts';
import { placeOf } from './http/mount.ts';
import { pagesProfile } from './http/pages/profile.ts';
import { sendMail } from './jobs/handlers.ts';
import type { JobQueue } from './jobs/run-job.ts';
import type { Mailer } from './mail/mailer.ts';
import type { GuardedFetch } from './providers/guarded-fetch.ts';
import type { InvalidationBus } from './store/invalidation/bus.ts';
import type { OpenStore } from './store/open-store.ts';

const profiles: { readonly [name in SurfaceName]: SurfaceProfile } = {
  'better-auth': betterAuthProfile,
  pages: pagesProfile,
  cli: { ...pagesProfile, name: 'cli' },
};

/** What a project's configuration changes about a surface. */
const profileOf = (surface: SurfaceName, { betterAuth }: ProjectConfig): SurfaceProfile => {
  const profile = profiles[surface];
  if (surface !== 'better-auth') return profile;
  return { ...profile, accepts: { ...profile.accepts, anonymous: betterAuth.anonymous } };
};

interface Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly store: OpenStore;
  readonly vault: Vault;
  readonly signer: TokenSigner;
  readonly passwords: PasswordHasher;
  readonly passkeys: PasskeyVerifier;
  readonly limiter: Limiter;
  readonly fetch: GuardedFetch;
  readonly bus?: InvalidationBus;
  readonly createMailer: (store: Store) => Mailer;
  readonly wakeJobs: () => void;
}

/** One tenant with its memory, its rules and its queue of work. */
export interface OpenProject {
  readonly project: Project;
  readonly config: ProjectConfig;
  readonly store: Store;
  readonly sessionCache: SessionCache;
  readonly sessionUses: SessionUses;
  readonly queue: JobQueue;
  /** What a surface hands to use cases; the same object every time. */
  context(surface: SurfaceName): Context;
}

/** The configured projects, the main one first. */
export function openProjects(config: Config, deps: Deps): Promise<readonly OpenProject[]> {
  return Promise.all(config.projects.map((project) => openProject(config, project, deps)));
}

async function openProject(config: Config, own: ProjectConfig, deps: Deps): Promise<OpenProject> {
  const { clock, ids, random, vault, signer, passwords, passkeys, limiter } = deps;
  const stored = await deps.store.projects.ensure({ key: own.key, displayName: own.displayName });
  const project: Project = { ...stored, policy: projectPolicy(config, own) };
  const sessionCache = createSessionCache(config.sessionCacheEntries, deps.store.foreignWrites);
  const store = deps.store.forProject(project.id, { sessionCache, ...(deps.bus && { bus: deps.bus }) });
  const sessionUses = createSessionUses(store);
  await syncProjectRoles({ store, project, ids, clock });
  const providers = await providersOf(own, { clock, fetch: deps.fetch });

  const contexts = new Map<SurfaceName, Context>();
  const context = (surface: SurfaceName): Context => {
    const known = contexts.get(surface);
    if (known) return known;
    const made: Context = {
      project,
      surface: profileOf(surface, own),
      publicUrl: config.http.publicUrl,
      surfaceUrl: surfaceUrl(config, surface),
      ...{
        store,
        sessionCache,
        sessionUses,
        clock,
        random,
        ids,
        passwords,
        passkeys,
        vault,
        signer,
        limiter,
        providers,
      },
      wakeJobs: deps.wakeJobs,
    };
    contexts.set(surface, made);
    return made;
  };

  const queue: JobQueue = {
    project: project.key,
    store,
    handlers: {
      send_mail: sendMail(deps.createMailer(store)),
      mail_password_reset: (work) => mailPasswordReset(context(work.surface), work),
      mail_sign_in_link: (work) => mailSignInLink(context(work.surface), work),
      mail_code: (work) => mailCode(context(work.surface), work),
      mail_email_verification: (work) => mailEmailVerification(context(work.surface), work),
    },
  };
  return { project, config: own, store, sessionCache, sessionUses, queue, context };
}

/** Without limits, as benchmarks run, a network may also sign up as many people as it likes. */
const projectPolicy = (config: Config, own: ProjectConfig): Policy =>
  applyPolicy(defaultPolicy, { ...(config.http.limits ? {} : { 'signUp.perNetworkHourly': null }), ...own.policy });

/** OAuth and JOSE take 10 MB and are loaded by those who have a provider. */
async function providersOf(own: ProjectConfig, deps: Pick<Deps, 'clock' | 'fetch'>): Promise<IdentityProviders> {
  if (own.providers.length === 0) return { find: () => null, list: () => [] };
  const { openProviders } = await import('./providers/open-providers.ts');
  return openProviders(own.providers, deps);
}

function surfaceUrl(config: Config, surface: SurfaceName): string {
  const mount = surface === 'pages' || surface === 'cli' ? null : config.mounts[surface];
  return mount && mount.kind !== 'off' ? placeOf(mount, config.http.publicUrl).url : config.http.publicUrl;
}
