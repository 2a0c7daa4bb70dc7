import type { Clock, Instant } from './base/clock.ts';
import { type Config, noProjectKeys, type ProjectConfig, type ProviderConfig } from './base/configuration.ts';
import { type Ids, uuidV4 } from './base/ids.ts';
import { inBackground } from './base/in-background.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import { readConditions } from './conditions/read-conditions.ts';
import { applyPolicy, applyWhatFits } from './config/policy-keys.ts';
import { createLiveLog, type LiveLog } from './core/audit/live-log.ts';
import type { Context } from './core/context.ts';
import { mailEmailVerification } from './core/emails/request-email-verification.ts';
import type { ImageEncoder } from './core/files/image-encoder.ts';
import { removeReleasedFiles } from './core/files/remove-released-files.ts';
import type { FileStorage } from './core/files/stored-file.ts';
import type { IdentityProviders } from './core/identities/provider.ts';
import type { Limiter } from './core/limits.ts';
import { mailLinkAgain } from './core/mail/mail-link-again.ts';
import type { PasskeyVerifier } from './core/passkeys/passkey.ts';
import type { BreachedPasswords } from './core/passwords/breached-passwords.ts';
import type { PasswordHasher } from './core/passwords/password-hasher.ts';
import { mailPasswordReset } from './core/passwords/request-password-reset.ts';
import { syncProjectRoles } from './core/permissions/sync-project-roles.ts';
import { defaultPolicy, type Policy } from './core/policy.ts';
import type { Project } from './core/project.ts';
import type { DirectoryEntry, ProjectDirectory, Rehearsal } from './core/projects/directory.ts';
import { type ProjectKeyMemory, projectKeyMemory } from './core/projects/key-memory.ts';
import {
  type ConfigOverrides,
  configLevels,
  levelSecretName,
  type ProjectRecord,
  secretPlace,
} from './core/projects/project-record.ts';
import { rawTransaction } from './core/raw-transaction.ts';
import { createSessionCache, type SessionCache } from './core/sessions/session-cache.ts';
import { createSessionUses, type SessionUses } from './core/sessions/session-uses.ts';
import { mailCode } from './core/sign-in/request-mail-code.ts';
import { mailSignInLink } from './core/sign-in/request-mail-link.ts';
import { accessTokenMemory } from './core/signing/access-token.ts';
import type { TokenSigner } from './core/signing/signing-key.ts';
import { createTokenMemory, type TokenMemory } from './core/signing/token-memory.ts';
import type { Reads, Store } from './core/store.ts';
import type { SurfaceName, SurfaceProfile } from './core/surface.ts';
import type { BotChallenge } from './core/users/bot-challenge.ts';
import { anyIdleAnonymous, eraseIdleAnonymous } from './core/users/erase-idle-anonymous.ts';
import { type Conditions, conditionsOf } from './core/users/judge-sign-up.ts';
import type { Vault } from './core/vault.ts';
import { axumKitProfile } from './http/axumkit/profile.ts';
import { betterAuthProfile } from './http/better-auth/profile.ts';
import { presetConfig } from './http/hexclave/config/defaults.ts';
import { providersOf } from './http/hexclave/config/providers.ts';
import { conditionsIn, policyOf } from './http/hexclave/config/to-policy.ts';
import { hexclaveProfile } from './http/hexclave/profile.ts';
import { placeOf } from './http/mount.ts';
import { pagesProfile } from './http/pages/profile.ts';
import { sendMail } from './jobs/handlers.ts';
import type { JobQueue } from './jobs/run-job.ts';
import type { SweptProject } from './jobs/sweep.ts';
import type { Mailer } from './mail/mailer.ts';
import { senderOf } from './mail/sender.ts';
import { openOnes } from './open-ones.ts';
import type { GuardedFetch } from './providers/guarded-fetch.ts';
import type { InvalidationBus } from './store/invalidation/bus.ts';
import type { OpenStore } from './store/open-store.ts';

const profiles: { readonly [name in SurfaceName]: SurfaceProfile } = {
  'better-auth': betterAuthProfile,
  hexclave: hexclaveProfile,
  axumkit: axumKitProfile,
  pages: pagesProfile,
  cli: { ...pagesProfile, name: 'cli' },
};

/** What a project's configuration changes about a surface. */
export const profileOf = (surface: SurfaceName, { betterAuth }: ProjectConfig): SurfaceProfile => {
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
  readonly log: Log;
  readonly botChallenge: BotChallenge | null;
  readonly breachedPasswords: BreachedPasswords | null;
  readonly files: FileStorage;
  readonly images: ImageEncoder;
  readonly fetch: GuardedFetch;
  readonly bus?: InvalidationBus;
  readonly createMailer: (store: Store) => Mailer;
  readonly wakeJobs: () => void;
  readonly onFault: (what: string, err: unknown) => void;
}

/** One tenant with its memory, its rules and its queue of work. */
export interface OpenProject extends DirectoryEntry {
  readonly configured: ProjectConfig;
  readonly store: Store;
  readonly sessionCache: SessionCache;
  readonly sessionUses: SessionUses;
  readonly liveLog: LiveLog;
  readonly queue: JobQueue;
  /** What a surface hands to use cases; the same object every time, with the rules as they stand. */
  context(surface: SurfaceName): Context;
}

/** Every project of the installation: the configured ones are open from the start, others when somebody asks for them. */
export interface OpenProjects extends ProjectDirectory {
  /** The main one first. */
  readonly configured: readonly OpenProject[];
  find(id: string): Promise<OpenProject | null>;
  /** Those that are open now. */
  opened(): readonly OpenProject[];
  /** Opens those that have jobs to do. */
  queues(): Promise<readonly JobQueue[]>;
  /** Every project. None is opened unless its sweep needs that. */
  toSweep(): AsyncIterable<SweptProject>;
  /**
   * Notices what other processes changed about projects, and closes those that nobody asked for. Published bound: how
   * often it is called.
   */
  refresh(): Promise<void>;
}

export async function openProjects(config: Config, deps: Deps): Promise<OpenProjects> {
  /** One for all, so that its bound holds for all of them together. */
  const tokens = createTokenMemory();
  const isBusy = ({ liveLog }: Opened) => liveLog.followers().all > 0;
  const opened = openOnes<Opened>(deps.clock, isBusy, (project) => project.close());
  const seen = new Map<string, Instant>();
  /** Projects whose fault was told, until they change. */
  const troubled = new Set<string>();
  function once(project: string, what: string, fault: unknown): void {
    if (!troubled.has(project)) deps.onFault(`${what}: ${project}`, fault);
    troubled.add(project);
  }

  const directory: OpenProjects = {
    configured: [],
    find: async (id) => opened.find(id, () => openStored(id)),
    async create({ id, ...project }) {
      const key = id;
      const more = { key, tenancyId: deps.ids.next(), preset: 'hexclave' as const };
      await deps.store.projects.create({ id, ...project, ...more });
      return (await deps.store.projects.find(id))!;
    },
    async ofApiKey(keyHash) {
      const id = await deps.store.projects.ofApiKey(keyHash);
      return id === null ? null : directory.find(id);
    },
    listOwnedBy: (organizationIds) => deps.store.projects.listOwnedBy(organizationIds),
    async rehearse(id, reads) {
      const project = await opened.peek(id);
      return project ? project.rehearse(reads) : null;
    },
    async reload(id) {
      const project = await opened.peek(id);
      if (project && !(await project.reload())) opened.drop(id);
    },
    opened: () => opened.ready(),
    async queues() {
      const queues: JobQueue[] = [];
      for (const id of await deps.store.projects.withDueJobs(deps.clock.now())) {
        // One that does not open keeps its own work waiting, and nobody else's.
        const project = await directory.find(id).catch((fault) => once(id, 'a project cannot be opened', fault));
        if (project) queues.push(project.queue);
      }
      return queues;
    },
    async *toSweep() {
      for (const { id, key } of await deps.store.projects.list()) yield sweptProject(id, key);
    },
    async refresh() {
      for (const [id, at] of await deps.store.projects.changes()) {
        if (seen.has(id) && seen.get(id) !== at) {
          troubled.delete(id);
          await directory.reload(id).catch((fault) => once(id, 'a change of a project was not taken up', fault));
        }
        seen.set(id, at);
      }
      opened.closeIdle();
      tokens.dropExpired(deps.clock.now());
    },
  };

  async function openStored(id: string): Promise<Opened | null> {
    const record = await deps.store.projects.find(id);
    if (!record) return null;
    await deps.store.projects.complete(id);
    const base = config.projects[0]!;
    const { key, displayName } = record;
    // What the operator gives the first project is that project's alone.
    const own: ProjectConfig = {
      ...{ ...base, key, displayName, appUrl: null, policy: {} },
      ...{ providers: [], keys: noProjectKeys },
    };
    return openProject(config, own, record, deps, directory, tokens);
  }

  /** Looked after without opening it, unless there is somebody to erase. */
  function sweptProject(id: string, project: string): SweptProject {
    const store = deps.store.forProject(id, { sessionCache: createSessionCache(0) });
    const { clock, files } = deps;
    const { anonymousDays } = config.retention;
    return {
      project,
      store,
      sweepFiles: () =>
        removeReleasedFiles({ clock, files, project: { id }, store, [rawTransaction]: store.transaction }),
      async sweepPeople() {
        if (!(await anyIdleAnonymous({ clock, store }, anonymousDays))) return 0;
        const open = await directory.find(id);
        return open ? eraseIdleAnonymous(open.context('pages'), anonymousDays) : 0;
      },
    };
  }

  const configured = await Promise.all(
    config.projects.map(async (own) => {
      const { id } = await deps.store.projects.ensure({
        key: own.key,
        displayName: own.displayName,
        id: own.id ?? uuidV4(deps.random),
      });
      const record = (await deps.store.projects.find(id))!;
      const project = await openProject(config, own, record, deps, directory, tokens);
      opened.keep(id, project);
      return project;
    }),
  );
  return Object.assign(directory, { configured });
}

interface Opened extends OpenProject {
  rehearse(reads: Pick<Reads, 'project' | 'projectKeys'>): Promise<Rehearsal>;
  /** False: the project is gone. */
  reload(): Promise<boolean>;
  /** Lets go of what is in memory. A request that still works with it reads the store. */
  close(): void;
}

/** What may change while a project is open. */
interface State {
  readonly project: Project;
  readonly config: ConfigOverrides;
  readonly providers: IdentityProviders;
  readonly conditions: Conditions;
  readonly projectKeys: ProjectKeyMemory;
  /** What is left out of it, in sentences. */
  readonly problems: readonly string[];
}

async function openProject(
  config: Config,
  own: ProjectConfig,
  record: ProjectRecord,
  deps: Deps,
  directory: ProjectDirectory,
  tokens: TokenMemory,
): Promise<Opened> {
  const { clock, ids, random, vault, signer, passwords, passkeys, limiter, files, images } = deps;
  const sessionCache = createSessionCache(config.sessionCacheEntries, deps.store.foreignWrites);
  const liveLog = createLiveLog({ reads: () => store.read.events, onFault: deps.onFault });
  const store: Store = deps.store.forProject(record.id, {
    ...{ sessionCache, liveLog, wakeJobs: deps.wakeJobs },
    ...(deps.bus && { bus: deps.bus }),
  });
  const ignored = () => {};
  deps.bus?.attach(record.id, {
    ...{ dropUser: ignored, dropSession: ignored, dropAll: ignored, setEnabled: ignored },
    configChanged: () => inBackground(directory.reload(record.id), deps.onFault),
  });
  const sessionUses = createSessionUses(store);
  const accessTokens = accessTokenMemory(tokens);
  let state = await readStored(record);
  await syncProjectRoles({ [rawTransaction]: store.transaction, project: state.project, ids, clock });

  async function readStored(now: ProjectRecord): Promise<State> {
    const read = await readState(config, own, now, store.read, deps);
    for (const problem of read.problems) {
      // Written before a rule was stricter, or by another version: the rest of the project holds without it.
      deps.log.error({ project: record.key, problem }, 'a part of the configuration cannot be applied and is left out');
    }
    return read;
  }

  const contexts = new Map<SurfaceName, Context>();
  const context = (surface: SurfaceName): Context => {
    const known = contexts.get(surface);
    if (known) return known;
    const made: Context = {
      get project() {
        return state.project;
      },
      get providers() {
        return state.providers;
      },
      get conditions() {
        return state.conditions;
      },
      get projectKeys() {
        return state.projectKeys;
      },
      surface: profileOf(surface, own),
      publicUrl: config.http.publicUrl,
      pagesUrl: pagesUrl(config, own.key),
      surfaceUrl: surfaceUrl(config, surface),
      store: { read: store.read },
      [rawTransaction]: store.transaction,
      ...{ directory, sessionCache, sessionUses, liveLog, clock, random, ids },
      ...{ passwords, passkeys, vault, signer, accessTokens, limiter, files, images },
      ...{ botChallenge: deps.botChallenge, breachedPasswords: deps.breachedPasswords },
    };
    contexts.set(surface, made);
    return made;
  };

  const queue: JobQueue = {
    project: record.key,
    store,
    handlers: {
      send_mail: sendMail({
        mailer: deps.createMailer(store),
        sender: senderOf(config.mail.from, own.key === config.projects[0]!.key),
        clock,
        onTooLate: (mail) =>
          deps.log.warn({ project: record.key, mail }, 'a mail was not sent: its link or code is over'),
      }),
      mail_password_reset: (work) => mailPasswordReset(context(work.surface), work),
      mail_sign_in_link: (work) => mailSignInLink(context(work.surface), work),
      mail_code: (work) => mailCode(context(work.surface), work),
      mail_email_verification: (work) => mailEmailVerification(context(work.surface), work),
      mail_link_again: (work) => mailLinkAgain(context(work.surface), work),
    },
  };
  return {
    get project() {
      return state.project;
    },
    get config() {
      return state.config;
    },
    async reload() {
      const now = await deps.store.projects.find(record.id);
      if (now) state = await readStored(now);
      return now !== null;
    },
    close() {
      deps.bus?.detach(record.id);
      sessionCache.setEnabled(false);
      inBackground(sessionUses.flush(), deps.onFault);
    },
    async rehearse(reads) {
      const { project, problems } = await readState(config, own, record, reads, deps);
      // What is left out already keeps nobody from changing the rest.
      const arisen = problems.filter((problem) => !state.problems.includes(problem));
      return { problem: arisen.length === 0 ? null : arisen.join(' '), policy: project.policy };
    },
    ...{ configured: own, store, sessionCache, sessionUses, liveLog, queue, context },
  };
}

/** File, then the levels that the admin API writes, the later one over the earlier. */
async function readState(
  config: Config,
  own: ProjectConfig,
  record: ProjectRecord,
  reads: Pick<Reads, 'project' | 'projectKeys'>,
  deps: Deps,
): Promise<State> {
  const problems: string[] = [];
  const onProblem = (problem: string): void => void problems.push(problem);
  const levels = await reads.project.overrides();
  const written = Object.assign({}, presetConfig(record.preset), ...configLevels.map((level) => levels[level]));
  const secrets = await openSecrets(record.id, reads, deps.vault);
  const providers = [
    ...own.providers,
    ...providersOf({ ...written, ...secrets }, config.projects[0]!.providers, onProblem),
  ];
  const base = config.http.limits ? {} : { 'signUp.perNetworkHourly': null };
  // The operator's part was checked when the file was read.
  const configured = applyPolicy(defaultPolicy, { ...base, ...own.policy });
  const policy: Policy = applyWhatFits(configured, policyOf(written), onProblem);
  const { id, key, displayName, tenancyId, ownerOrganizationId } = record;
  return {
    project: { id, key, displayName, appUrl: own.appUrl, tenancyId, ownerOrganizationId, policy },
    config: written,
    providers: await identityProviders(providers, deps, onProblem),
    conditions: await readConditions([...conditionsIn(written), ...conditionsOf(policy)], onProblem),
    projectKeys: projectKeyMemory(own.keys, await reads.projectKeys.list()),
    problems,
  };
}

async function openSecrets(projectId: string, reads: Pick<Reads, 'project'>, vault: Vault): Promise<ConfigOverrides> {
  const sealed = await reads.project.secrets();
  const open = (name: string): ConfigOverrides => {
    const value = sealed.get(name);
    return value ? JSON.parse(vault.open(secretPlace(projectId, name), value)) : {};
  };
  return Object.assign({}, ...configLevels.map((level) => open(levelSecretName(level))));
}

/** OAuth and JOSE take 10 MB and are loaded by those who have a provider. */
async function identityProviders(
  providers: readonly ProviderConfig[],
  deps: Pick<Deps, 'clock' | 'fetch'>,
  onProblem: (problem: string) => void,
): Promise<IdentityProviders> {
  if (providers.length === 0) return { find: () => null, list: () => [] };
  const { openProviders } = await import('./providers/open-providers.ts');
  return openProviders(providers, { ...deps, onProblem });
}

/** Where a surface answers; the public URL when it is off. */
export function surfaceUrl(config: Config, surface: SurfaceName): string {
  const mount = surface === 'pages' || surface === 'cli' ? null : config.mounts[surface];
  return mount && mount.kind !== 'off' ? placeOf(mount, config.http.publicUrl).url : config.http.publicUrl;
}

/** Keys of projects that requests made are their ids. */
const pagesUrl = ({ http, projects }: Config, key: string): string =>
  key === projects[0]!.key ? http.publicUrl : `${http.publicUrl}/projects/${key}`;
