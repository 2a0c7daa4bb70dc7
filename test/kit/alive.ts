import { later } from '../../src/base/clock.ts';
import { asSystem } from '../../src/core/acting.ts';
import { allPurposes } from '../../src/core/codes/one-time-value.ts';
import type { Context } from '../../src/core/context.ts';
import { newBackupCodes } from '../../src/core/factors/backup-codes.ts';
import { trustDevice } from '../../src/core/factors/trusted-device.ts';
import { bareIdentity } from '../../src/core/identities/write-identity.ts';
import { createApiKey } from '../../src/core/keys/create-api-key.ts';
import { isKnownNetwork } from '../../src/core/networks/known-network.ts';
import type { Passkey } from '../../src/core/passkeys/passkey.ts';
import { admitUser } from '../../src/core/sessions/admit-user.ts';
import type { LiveSession } from '../../src/core/sessions/session.ts';
import type { Person } from '../../src/core/users/user.ts';
import { type CoreWorld, type SignedInUser, stranger } from './core-world.ts';
import { aServer } from './servers.ts';

/** Something of a person that opens the account or stands for them, and whether it still does. */
export type Alive = Readonly<Record<string, () => Promise<boolean>>>;

export interface Planted {
  readonly person: Person;
  /** The session that asks for whatever happens next. */
  readonly asking: SignedInUser;
  readonly alive: Alive;
}

/** Names of everything that `plantEverything` plants. */
export const kinds = [
  ...['the asking session', 'another session', 'a session opened as somebody else', 'a pending sign-in'],
  ...allPurposes.map((purpose) => `code: ${purpose}`),
  ...['a trusted device', 'a known network', 'an API key', 'an authenticator app', 'a pending secret'],
  ...['mailed codes as a factor', 'backup codes', 'a password', 'a passkey', 'an identity', 'a public event'],
] as const;

/** A person for whom everything is alive that can be. */
export async function plantEverything(world: CoreWorld, person: Person): Promise<Planted> {
  const ctx = world.context();
  const { read } = ctx.store;
  const { id } = person;
  const alive: Record<string, () => Promise<boolean>> = {};
  const now = ctx.clock.now();

  const asking = await world.signIn(person);
  const another = await world.signIn(person);
  const session = (live: LiveSession) => async () => (await read.sessions.find(live.session.id)) !== null;
  alive['the asking session'] = session(asking.actor.live);
  alive['another session'] = session(another.actor.live);

  const somebody = await world.person();
  const impersonation = await asSystem(ctx, (tx) =>
    admitUser(ctx, tx, stranger, somebody, {
      method: 'impersonation',
      persistent: false,
      impersonator: { userId: id, sessionId: asking.actor.live.session.id, seconds: 3600 },
    }),
  );
  if ('kind' in impersonation && impersonation.kind === 'session') {
    alive['a session opened as somebody else'] = session(impersonation.live);
  }
  await createApiKey(ctx, aServer(), { name: 'key', prefix: null, ownerUserId: id, actsAsOwner: false });

  const pendingHash = ctx.vault.digest(`pending ${id}`);
  const codeHash = (purpose: string) => ctx.vault.digest(`${purpose} ${id}`);
  await asSystem(ctx, async (tx) => {
    await tx.pendingSignIns.insert(aPendingSignIn(ctx, id, pendingHash));
    for (const purpose of allPurposes) {
      await tx.codes.insert({
        ...{ id: ctx.ids.next(), purpose, valueHash: codeHash(purpose), groupHash: null, attempts: 0, maxAttempts: 5 },
        ...{ userId: id, emailId: null, addressNormal: null, sessionId: null, browserHash: null, payload: null },
        ...{ expiresAt: later(now, 3_600_000), usedAt: null, voidedAt: null, givenId: null, createdAt: now },
      });
    }
    await trustDevice(ctx, tx, stranger, person);
    const active = { userId: id, secret: new Uint8Array(20), issuedSessionId: null, issuedAt: now, activatedAt: null };
    const activeId = ctx.ids.next();
    await tx.factors.putPendingTotp({ ...active, id: activeId, state: 'pending' });
    await tx.factors.activateTotp(activeId, now);
    await tx.factors.putPendingTotp({ ...active, id: ctx.ids.next(), state: 'pending' });
    await tx.factors.enableMailCode(id, now);
    await newBackupCodes(ctx, tx, id);
    await tx.passkeys.insert(aPasskey(ctx, id));
    const known = { userId: id, provider: 'github', subject: id, email: null, allowSignIn: true, allowConnect: true };
    await tx.identities.insert(bareIdentity(ctx, known));
    await tx.events.insert({
      ...({ id: ctx.ids.next(), type: 'account.updated', level: 'info', visibility: 'public' } as const),
      ...({ publicAction: 'profile_changed', actorKind: 'user', actorId: id, subjectUserId: id } as const),
      ...{ organizationId: null, apiKeyId: null, sessionId: null, madeBy: 'axumkit', ip: null, userAgent: null },
      ...{ data: {}, createdAt: now },
    });
  });

  alive['a pending sign-in'] = async () => {
    const found = await read.pendingSignIns.findByTokenHash(pendingHash);
    return found !== null && found.voidedAt === null;
  };
  for (const purpose of allPurposes) {
    alive[`code: ${purpose}`] = async () => {
      const found = await read.codes.find(purpose, codeHash(purpose));
      return found !== null && found.voidedAt === null;
    };
  }
  const rows = async (table: string): Promise<number> =>
    Number((await world.database.rows(`SELECT count(*) AS n FROM ${table} WHERE user_id = '${id}'`))[0]!.n);
  alive['a trusted device'] = async () =>
    (await world.database.rows(`SELECT 1 FROM device WHERE user_id = '${id}' AND trusted_until IS NOT NULL`)).length >
    0;
  alive['a known network'] = () => isKnownNetwork(ctx, id, stranger.from.ip);
  alive['an API key'] = async () => {
    const { keys } = await read.apiKeys.listOf(id, { limit: 10, offset: 0, sort: { field: 'id', direction: 'asc' } });
    return keys.some(({ revokedAt }) => revokedAt === null);
  };
  alive['an authenticator app'] = async () => (await read.factors.findTotp(id, 'active')) !== null;
  alive['a pending secret'] = async () => (await read.factors.findTotp(id, 'pending')) !== null;
  alive['mailed codes as a factor'] = async () => (await rows('second_factor')) > 0;
  alive['backup codes'] = async () => (await read.factors.countBackupCodes(id)) > 0;
  alive['a password'] = async () => (await read.passwords.find(id)) !== null;
  alive['a passkey'] = async () => (await read.passkeys.listOf(id)).length > 0;
  alive['a public event'] = async () =>
    (await world.database.rows(`SELECT 1 FROM event WHERE subject_user_id = '${id}' AND public_action IS NOT NULL`))
      .length > 0;
  alive['an identity'] = async () => (await read.identities.listOf(id)).length > 0;
  return { person, asking, alive };
}

const aPendingSignIn = (ctx: Context, userId: string, tokenHash: Uint8Array) => {
  const now = ctx.clock.now();
  return {
    ...({ id: ctx.ids.next(), userId, tokenHash, madeBy: 'better-auth', firstMethod: 'password' } as const),
    ...{ persistent: true, isNewUser: false, ip: null, userAgent: null, returnTo: null, mailCodeMac: null },
    ...{ mailCodeExpiresAt: null, mailCodeAttempts: 0, attempts: 0, maxAttempts: 5 },
    ...{ expiresAt: later(now, 600_000), completedAt: null, voidedAt: null, createdAt: now },
  };
};

export const aPasskey = (ctx: Context, userId: string): Passkey => ({
  ...{ id: ctx.ids.next(), userId, credentialId: userId, publicKey: new Uint8Array(4), counter: 0 },
  deviceType: 'singleDevice',
  ...{ backedUp: false, transports: [], aaguid: null, name: null, rpId: 'localhost' },
  ...{ madeBy: 'better-auth', lastUsedAt: null, strongFrom: null, createdAt: ctx.clock.now() },
});

/** Which of them are alive now. */
export async function whatLives(alive: Alive): Promise<string[]> {
  const living: string[] = [];
  for (const kind of kinds) if (await alive[kind]!()) living.push(kind);
  return living;
}
