import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Clock, Instant } from '../../src/base/clock.ts';
import { type Id, type Ids, uuidV7 } from '../../src/base/ids.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { OneTimeValue } from '../../src/core/codes/one-time-value.ts';
import type { Identity } from '../../src/core/identities/identity.ts';
import type { Job } from '../../src/core/jobs/job.ts';
import type { ApiKey } from '../../src/core/keys/api-key.ts';
import type { PendingSignIn, Session } from '../../src/core/sessions/session.ts';
import { createSessionCache, type SessionCache } from '../../src/core/sessions/session-cache.ts';
import type { Store } from '../../src/core/store.ts';
import type { Email, User } from '../../src/core/users/user.ts';
import { type OpenStore, openStore } from '../../src/store/open-store.ts';
import { type Engine, engines, type TestDatabase } from './engines.ts';

export const NOW = 1_790_000_000_000 as Instant;
export const after = (ms: number): Instant => (NOW + ms) as Instant;

export const hashOf = (text: string): Uint8Array => Uint8Array.from(createHash('sha256').update(text).digest());
export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** One specification, told of every engine. The world is there once the first test runs. */
export function onEveryEngine(subject: string, tests: (world: StoreWorld, engine: Engine) => void): void {
  for (const engine of engines) {
    describe(`${subject} (${engine.name})`, () => {
      const world = {} as StoreWorld;
      beforeAll(async () => {
        Object.assign(world, await storeWorld(engine));
      });
      afterAll(() => world.close?.());
      tests(world, engine);
    });
  }
}

/** A migrated database, and projects in it that know nothing of each other. */
export interface StoreWorld {
  readonly database: TestDatabase;
  readonly opened: OpenStore;
  readonly clock: Clock & { set(at: Instant): void };
  readonly ids: Ids;
  project(): Promise<ProjectWorld>;
  close(): Promise<void>;
}

export interface ProjectWorld {
  readonly id: string;
  readonly key: string;
  readonly store: Store;
  readonly cache: SessionCache;
  /** A user in the store, with a primary address used for sign-in. */
  person(change?: Partial<User> & { readonly address?: string | null }): Promise<User>;
  session(userId: Id, change?: Partial<Session>): Promise<Session>;
}

export async function storeWorld(engine: Engine): Promise<StoreWorld> {
  const database = await engine.create();
  let now = NOW;
  const clock = {
    now: () => now,
    set: (at: Instant) => {
      now = at;
    },
  };
  const ids = uuidV7(clock, systemRandom());
  const opened = await openStore(database.config, { clock, ids });
  await opened.migrate();

  async function project(): Promise<ProjectWorld> {
    const { id, key } = await opened.projects.ensure({ key: ids.next(), displayName: 'A project' });
    const cache = createSessionCache(1_000);
    const store = opened.forProject(id, { sessionCache: cache });
    return {
      id,
      key,
      store,
      cache,
      async person({ address, ...change } = {}) {
        const user = aUser(ids, change);
        await store.transaction(async (tx) => {
          await tx.users.insert(user);
          if (address !== null) await tx.emails.insert(anEmail(ids, user.id, address ?? `${user.id}@example.org`));
        });
        return user;
      },
      async session(userId, change) {
        const session = aSession(ids, userId, change);
        await store.transaction((tx) => tx.sessions.insert(session));
        return session;
      },
    };
  }

  return {
    database,
    opened,
    clock,
    ids,
    project,
    async close() {
      await opened.close();
      await database.drop();
    },
  };
}

export const aUser = (ids: Ids, change: Partial<User> = {}): User => ({
  id: ids.next(),
  displayName: 'Alice',
  usernameNormal: null,
  usernameDisplay: null,
  imageUrl: null,
  imageFileId: null,
  bannerFileId: null,
  bio: null,
  metadataClient: null,
  metadataReadonly: null,
  metadataServer: null,
  selectedOrganizationId: null,
  anonymous: false,
  emailCodeEnabled: false,
  profilePublic: false,
  bannedAt: null,
  banReason: null,
  banExpiresAt: null,
  deactivatedAt: null,
  deactivatedBy: null,
  restrictedAt: null,
  restrictedReason: null,
  restrictedPrivate: null,
  credentialsChangedAt: NOW,
  signedUpAt: NOW,
  signUp: null,
  lastActiveAt: null,
  createdAt: NOW,
  updatedAt: NOW,
  ...change,
});

export const anEmail = (ids: Ids, userId: Id, normal: string, change: Partial<Email> = {}): Email => ({
  id: ids.next(),
  userId,
  value: normal,
  normal,
  isPrimary: true,
  usedForAuth: true,
  verifiedAt: null,
  verifiedBy: null,
  createdAt: NOW,
  updatedAt: NOW,
  ...change,
});

export function aSession(ids: Ids, userId: Id, change: Partial<Session> = {}): Session {
  const id = ids.next();
  return {
    id,
    userId,
    tokenHash: hashOf(`session ${id}`),
    madeBy: 'better-auth',
    method: 'password',
    secondFactor: null,
    secondFactorAt: null,
    strongFrom: null,
    authenticatedAt: NOW,
    persistent: true,
    portable: true,
    idleMs: 60_000,
    extendAfterMs: 10_000,
    expiresAt: after(60_000),
    endsAt: after(600_000),
    lastUsedAt: NOW,
    ip: '192.0.2.1',
    userAgent: 'test',
    deviceId: null,
    activeOrganizationId: null,
    activeTeamId: null,
    impersonatorId: null,
    impersonatorSessionId: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...change,
  };
}

export function aPendingSignIn(ids: Ids, userId: Id, change: Partial<PendingSignIn> = {}): PendingSignIn {
  const id = ids.next();
  return {
    id,
    userId,
    tokenHash: hashOf(`pending ${id}`),
    madeBy: 'better-auth',
    firstMethod: 'password',
    persistent: true,
    isNewUser: false,
    ip: null,
    userAgent: null,
    returnTo: null,
    mailCodeMac: null,
    mailCodeExpiresAt: null,
    mailCodeAttempts: 0,
    attempts: 0,
    maxAttempts: 5,
    expiresAt: after(600_000),
    completedAt: null,
    voidedAt: null,
    createdAt: NOW,
    ...change,
  };
}

export function aCode(ids: Ids, change: Partial<OneTimeValue> = {}): OneTimeValue {
  const id = ids.next();
  return {
    id,
    purpose: 'password_reset',
    valueHash: hashOf(`code ${id}`),
    groupHash: null,
    attempts: 0,
    maxAttempts: 1,
    userId: null,
    emailId: null,
    addressNormal: null,
    sessionId: null,
    browserHash: null,
    payload: null,
    givenId: null,
    expiresAt: after(60_000),
    usedAt: null,
    voidedAt: null,
    createdAt: NOW,
    ...change,
  };
}

export const anIdentity = (ids: Ids, userId: Id, change: Partial<Identity> = {}): Identity => ({
  id: ids.next(),
  userId,
  provider: 'google',
  subject: ids.next(),
  email: null,
  emailVerified: false,
  profile: null,
  allowSignIn: true,
  allowConnect: true,
  accessToken: null,
  refreshToken: null,
  idToken: null,
  accessExpiresAt: null,
  refreshExpiresAt: null,
  scopes: [],
  lastSignInAt: null,
  strongFrom: null,
  createdAt: NOW,
  updatedAt: NOW,
  ...change,
});

export function anApiKey(ids: Ids, ownerUserId: Id, change: Partial<ApiKey> = {}): ApiKey {
  const id = ids.next();
  return {
    id,
    ownerUserId,
    ownerOrganizationId: null,
    contextOrganizationId: null,
    createdBy: ownerUserId,
    madeBy: 'better-auth',
    actsAsOwner: true,
    name: null,
    prefix: null,
    start: null,
    last4: 'last',
    keyHash: hashOf(`key ${id}`),
    configId: 'default',
    public: false,
    enabled: true,
    permissions: null,
    metadata: null,
    remaining: null,
    refillAmount: null,
    refillIntervalMs: null,
    lastRefillAt: null,
    rateEnabled: false,
    rateWindowMs: null,
    rateMax: null,
    rateCount: 0,
    rateStartedAt: null,
    lastRequestAt: null,
    lastUsedAt: null,
    expiresAt: null,
    revokedAt: null,
    revokedWhy: null,
    hiddenAt: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...change,
  };
}

export const aJob = (ids: Ids, change: Partial<Job> = {}): Job => ({
  id: ids.next(),
  kind: 'send_mail',
  payload: Uint8Array.of(1, 2, 3),
  dedupeKey: null,
  state: 'ready',
  runAt: NOW,
  attempts: 0,
  maxAttempts: 12,
  lastError: null,
  createdAt: NOW,
  ...change,
});
