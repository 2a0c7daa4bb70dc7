import { noProjectKeys } from '../../src/base/configuration.ts';
import { uuidV7 } from '../../src/base/ids.ts';
import { Refusal, type RefusalCode } from '../../src/base/refusal.ts';
import { celConditions } from '../../src/conditions/cel-conditions.ts';
import type { Anonymous, UserActor } from '../../src/core/actor.ts';
import { createLiveLog } from '../../src/core/audit/live-log.ts';
import type { Context } from '../../src/core/context.ts';
import type { FinishProviderFlow } from '../../src/core/identities/finish-provider-flow.ts';
import type {
  IdentityProvider,
  IdentityProviders,
  ProviderFacts,
  ProviderProfile,
  ProviderTokens,
} from '../../src/core/identities/provider.ts';
import type { StartProviderFlow } from '../../src/core/identities/start-provider-flow.ts';
import { defaultPolicy, type Policy } from '../../src/core/policy.ts';
import type { ProjectDirectory } from '../../src/core/projects/directory.ts';
import { projectKeyMemory } from '../../src/core/projects/key-memory.ts';
import { rawTransaction } from '../../src/core/raw-transaction.ts';
import { ownUrl } from '../../src/core/return-urls.ts';
import { createSessionCache } from '../../src/core/sessions/session-cache.ts';
import { createSessionUses } from '../../src/core/sessions/session-uses.ts';
import { accessTokenMemory } from '../../src/core/signing/access-token.ts';
import { createTokenMemory } from '../../src/core/signing/token-memory.ts';
import { signUpWithPassword } from '../../src/core/users/sign-up-with-password.ts';
import { passkeyVerifier } from '../../src/crypto/passkeys.ts';
import { tokenSigner } from '../../src/crypto/token-signer.ts';
import { createVault } from '../../src/crypto/vault.ts';
import { betterAuthProfile } from '../../src/http/better-auth/profile.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type TestClock, testClock } from './clock.ts';
import { engines } from './engines.ts';
import { seededRandom } from './random.ts';

export const anonymous: Anonymous = { kind: 'anonymous', from: { ip: '192.0.2.1', userAgent: 'test' } };

/** A provider that says what it is told to say. */
export interface ScriptedProvider extends IdentityProvider {
  says: { profile: Partial<ProviderProfile>; tokens: Partial<ProviderTokens>; refusal: Refusal | null };
  refreshed: Partial<ProviderTokens> | Refusal;
  readonly seen: { redeemed: Parameters<IdentityProvider['redeem']>[0][]; refreshedWith: string[] };
  facts: ProviderFacts;
}

const noTokens: ProviderTokens = {
  accessToken: null,
  refreshToken: null,
  idToken: null,
  accessExpiresAt: null,
  refreshExpiresAt: null,
  scopes: [],
};

export function scriptedProvider(key: string, facts: Partial<ProviderFacts> = {}): ScriptedProvider {
  const provider: ScriptedProvider = {
    facts: {
      key,
      type: 'oidc',
      displayName: key,
      scopes: [],
      shared: false,
      trusted: true,
      signUp: true,
      implicitSignUp: true,
      allowSignIn: true,
      allowConnect: true,
      requireVerifiedEmail: false,
      refreshProfile: false,
      acceptsIdTokens: true,
      acceptsNativeTokens: false,
      tellsAddress: true,
      nativeOnly: false,
      usesNonce: true,
      ...facts,
    },
    says: { profile: {}, tokens: {}, refusal: null },
    refreshed: {},
    seen: { redeemed: [], refreshedWith: [] },
    authorizationUrl: async ({ state }) => `https://provider.test/authorize?state=${state}`,
    async redeem(response) {
      provider.seen.redeemed.push(response);
      if (provider.says.refusal) throw provider.says.refusal;
      return { profile: profile(), tokens: { ...noTokens, ...provider.says.tokens } };
    },
    async verifyIdToken() {
      if (provider.says.refusal) throw provider.says.refusal;
      return profile();
    },
    async refresh(refreshToken) {
      provider.seen.refreshedWith.push(refreshToken);
      if (provider.refreshed instanceof Refusal) throw provider.refreshed;
      return { ...noTokens, ...provider.refreshed };
    },
    readProfile: async () => profile(),
    endSessionUrl: async () => null,
  };
  const profile = (): ProviderProfile => ({
    subject: 'subject-1',
    email: 'alice@example.org',
    emailVerified: true,
    name: 'Alice',
    imageUrl: null,
    raw: {},
    ...provider.says.profile,
  });
  return provider;
}

const noOtherProjects: ProjectDirectory = {
  find: async () => null,
  create: () => Promise.reject(new Error('there is one project')),
  ofApiKey: async () => null,
  listOwnedBy: async () => [],
  rehearse: async () => null,
  reload: async () => {},
};

export interface ProviderWorld {
  readonly ctx: Context;
  readonly clock: TestClock;
  /** The same people under other rules. */
  withPolicy(change: Partial<Policy>): Context;
  /** A person with a password, signed in. */
  member(email: string, verified: boolean): Promise<UserActor>;
  close(): Promise<void>;
}

export async function providerWorld(providers: IdentityProviders, startIso?: string): Promise<ProviderWorld> {
  const clock = testClock(startIso);
  const random = seededRandom('providers');
  const ids = uuidV7(clock, random);
  const database = await engines[0]!.create();
  const opened = await openStore(database.config, { clock, ids });
  const { id } = await opened.projects.ensure({ key: 'default', displayName: 'Test' });
  const sessionCache = createSessionCache(100);
  const store = opened.forProject(id, { sessionCache });
  const ctx: Context = {
    project: {
      id,
      key: 'default',
      displayName: 'Test',
      appUrl: null,
      tenancyId: id,
      ownerOrganizationId: null,
      policy: defaultPolicy,
    },
    surface: betterAuthProfile,
    publicUrl: 'https://id.example.com',
    pagesUrl: 'https://id.example.com',
    surfaceUrl: 'https://id.example.com/api/auth',
    store,
    [rawTransaction]: store.transaction,
    sessionCache,
    sessionUses: createSessionUses(store),
    liveLog: createLiveLog({ reads: () => store.read.events, onFault: () => {} }),
    clock,
    random,
    ids,
    passkeys: passkeyVerifier(),
    passwords: {
      hash: async (text) => `plain:${text}`,
      understands: () => true,
      verify: async () => ({ right: true, rehash: false }),
    },
    vault: createVault({ current: 'a secret that is only used in tests', previous: [] }, random),
    files: { driver: 'none', put: async () => {}, read: async () => null, remove: async () => {} },
    images: { encode: async () => null },
    limiter: {
      hit: async () => ({ retryAfterSeconds: null, windowStart: clock.now() }),
      hitNow: () => null,
      giveBack: async () => {},
      reset: async () => {},
    },
    providers,
    signer: tokenSigner(),
    accessTokens: accessTokenMemory(createTokenMemory()),
    directory: noOtherProjects,
    conditions: celConditions(),
    projectKeys: projectKeyMemory(noProjectKeys, []),
    botChallenge: null,
    breachedPasswords: null,
  };
  return {
    ctx,
    clock,
    withPolicy: (change) => ({ ...ctx, project: { ...ctx.project, policy: { ...defaultPolicy, ...change } } }),
    async member(email, verified) {
      const { person, admission } = await signUpWithPassword(ctx, anonymous, {
        email,
        password: 'correct horse',
        displayName: 'Member',
        persistent: true,
        verificationLink: 'https://id.example.com/{token}',
      });
      if (verified) {
        await store.transaction((tx) =>
          tx.emails.markVerified(person.email!.id, person.email!.normal, 'link', clock.now()),
        );
      }
      if (admission?.kind !== 'session') throw new Error('no session');
      const user = (await store.read.users.find(person.id))!;
      return { kind: 'user', from: anonymous.from, live: { ...admission.live, user } };
    },
    async close() {
      await opened.close();
      await database.drop();
    },
  };
}

export const starting = (change: Partial<StartProviderFlow> = {}): StartProviderFlow => ({
  provider: 'corp',
  intent: 'sign_in',
  returnTo: ownUrl('', '/done'),
  newUserReturnTo: ownUrl('', '/welcome'),
  errorReturnTo: ownUrl('', '/failed'),
  redirectUri: 'http://localhost:9999/api/auth/callback/corp',
  extraScopes: [],
  loginHint: null,
  extraParameters: {},
  requestSignUp: false,
  browserToken: null,
  ...change,
});

export const finishing = (change: Partial<FinishProviderFlow> = {}): FinishProviderFlow => ({
  provider: 'corp',
  state: null,
  browserToken: change.state ?? null,
  code: 'the-code',
  error: null,
  errorDescription: null,
  issuer: null,
  userHint: null,
  verificationLink: null,
  ...change,
});

export function refusedWith(outcome: unknown, code: RefusalCode, field?: string): void {
  if (!(outcome instanceof Refusal)) throw new Error(`expected ${code}, got ${JSON.stringify(outcome)}`);
  if (outcome.code !== code || (field !== undefined && outcome.detail.field !== field)) {
    throw new Error(`expected ${code} ${field ?? ''}, got ${outcome.code} ${JSON.stringify(outcome.detail)}`);
  }
}
