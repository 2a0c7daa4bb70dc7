import { pino } from 'pino';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Anonymous, UserActor } from '../../src/core/actor.ts';
import { systemActor } from '../../src/core/actor.ts';
import type { Context } from '../../src/core/context.ts';
import type { IdentityProviders } from '../../src/core/identities/provider.ts';
import type { CapturedMail } from '../../src/core/jobs/job.ts';
import type { Admission } from '../../src/core/sessions/admit-user.ts';
import { signInWithPassword } from '../../src/core/sign-in/sign-in-with-password.ts';
import type { SurfaceName } from '../../src/core/surface.ts';
import { createUser, type NewUser } from '../../src/core/users/create-user.ts';
import type { Person } from '../../src/core/users/user.ts';
import { createJobRunner } from '../../src/jobs/job-runner.ts';
import { openCore } from '../../src/open-core.ts';
import type { OpenProject, OpenProjects } from '../../src/open-projects.ts';
import type { GuardedFetch } from '../../src/providers/guarded-fetch.ts';
import { type TestClock, testClock } from './clock.ts';
import { type Engine, engines, oneEngine, type TestDatabase } from './engines.ts';
import { seededRandom } from './random.ts';
import { removeScratch, scratchFolder } from './scratch-folder.ts';
import { type ConfigOptions, testConfig } from './test-config.ts';

export interface CoreWorldOptions extends ConfigOptions {
  readonly engine?: Engine;
  readonly seed?: number;
  /** When it is; a fixed day unless said otherwise. */
  readonly startIso?: string;
  readonly fetch?: GuardedFetch;
  /** In place of those that the configuration names: such as say what a test tells them to. */
  readonly identityProviders?: IdentityProviders;
}

export interface SignInOptions {
  readonly surface?: SurfaceName;
  readonly password?: string;
  readonly persistent?: boolean;
  readonly trustToken?: string | null;
}

export interface SignedInUser {
  readonly actor: UserActor;
  readonly token: string;
}

/** The use cases of an installation and what they work on: no listener, and nothing that runs by itself. */
export interface CoreWorld {
  readonly clock: TestClock;
  readonly database: TestDatabase;
  /** Where stored files are. */
  readonly dataDir: string;
  readonly projects: OpenProjects;
  /** The project that everything below is about. */
  readonly mainProject: OpenProject;
  /** Log lines written so far. */
  readonly logged: readonly string[];
  /** What a surface hands to use cases. */
  context(surface?: SurfaceName): Context;
  /** Somebody whose address is verified, with a password, unless said otherwise. */
  person(change?: Partial<NewUser>): Promise<Person>;
  /** Signs somebody in by password. A refusal is thrown; whoever owes a second factor cannot come in here. */
  signIn(who: Person | string, options?: SignInOptions): Promise<SignedInUser>;
  /** Does every job that is due, and what comes of it. */
  drainJobs(): Promise<void>;
  /** Drains jobs, then all mails, or those to an address, newest first. */
  mails(to?: string): Promise<readonly CapturedMail[]>;
  /** The newest of them. Fails when there is none. */
  mail(to: string): Promise<CapturedMail>;
  /** What was recorded about somebody, oldest first. */
  eventTypes(who: Person | string): Promise<string[]>;
  close(): Promise<void>;
}

export const password = 'correct horse battery';

/** Somebody whom nobody knows yet. */
export const stranger: Anonymous = { kind: 'anonymous', from: { ip: '192.0.2.1', userAgent: 'test' } };

type Tests = (world: CoreWorld) => void;

/** The same tests on every database: races, and what the store has a part in. */
export const onEveryEngine = (title: string, options: CoreWorldOptions, tests: Tests): void =>
  onEngines(engines, title, options, tests);

/** On one database, another one for other titles: rules that the store has no part in. */
export const onOneEngine = (title: string, options: CoreWorldOptions, tests: Tests): void =>
  onEngines(oneEngine(title), title, options, tests);

/** One world for a group of tests. It is there once the first test runs. */
function onEngines(chosen: readonly Engine[], title: string, options: CoreWorldOptions, tests: Tests): void {
  for (const engine of chosen) {
    describe(`${title} [${engine.name}]`, () => {
      const world = {} as CoreWorld;
      beforeAll(async () => {
        Object.assign(world, await createCoreWorld({ ...options, engine }));
      });
      afterAll(() => world.close?.());
      tests(world);
    });
  }
}

/** A database of its own, a clock that can be moved, seeded chance, cheap hashing and mail kept in the database. */
export async function createCoreWorld(options: CoreWorldOptions = {}): Promise<CoreWorld> {
  const database = await (options.engine ?? engines[0]!).create();
  const dataDir = scratchFolder('data');
  const clock = testClock(options.startIso);
  const random = seededRandom(options.seed ?? 1);
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const place = { port: 3000, publicUrl: 'http://localhost:3000', dataDir, database: database.config };
  const stand = { clock, random, log: log as never, ...(options.fetch && { fetch: options.fetch }) };
  const core = await openCore(testConfig(options, place), stand, 'server');
  const { vault, projects } = core;
  const jobs = createJobRunner({ vault, clock, random, log: core.log, queues: () => projects.queues() });
  const mainProject = projects.configured[0]!;
  const { store } = mainProject;
  let people = 0;

  const context = (surface: SurfaceName = 'better-auth'): Context => {
    const made = mainProject.context(surface);
    const { identityProviders } = options;
    return identityProviders ? Object.create(made, { providers: { value: identityProviders } }) : made;
  };

  const world: CoreWorld = {
    ...{ clock, database, dataDir, projects, mainProject, logged, context },
    person: (change = {}) =>
      createUser(context('cli'), systemActor, {
        email: `person${++people}@example.org`,
        ...{ password, displayName: 'Ada', username: null, roles: [], emailVerified: true },
        ...change,
      }),
    async signIn(who, { surface, password: given = password, persistent = true, trustToken = null } = {}) {
      const email = typeof who === 'string' ? who : who.email!.value;
      const admission = await signInWithPassword(context(surface), stranger, {
        ...{ identifier: { email }, password: given, persistent, trustToken },
        verificationLink: null,
      });
      return asUser(admission);
    },
    async drainJobs() {
      await jobs.drain();
    },
    async mails(to) {
      await jobs.drain();
      return store.read.mail.list({ ...(to !== undefined && { to }), limit: 100 });
    },
    async mail(to) {
      const [newest] = await world.mails(to);
      if (!newest) throw new Error(`no mail to ${to}`);
      return newest;
    },
    async eventTypes(who) {
      const id = typeof who === 'string' ? who : who.id;
      const events = await store.read.events.listOf(id, { limit: 100 });
      return events.map(({ type }) => type).reverse();
    },
    async close() {
      await core.close();
      await database.drop();
      removeScratch(dataDir);
    },
  };
  return world;
}

/** Whoever was let in, as the actor of what they do next. */
export function asUser(admission: Admission): SignedInUser {
  if (admission.kind !== 'session') throw new Error('a second factor is owed');
  const { live, token } = admission;
  return { actor: { kind: 'user', from: stranger.from, live }, token };
}
