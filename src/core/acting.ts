import type { Instant } from '../base/clock.ts';
import { Refusal, refuse, settle } from '../base/refusal.ts';
import type { KeyActor, ServerActor, SystemActor, UserActor } from './actor.ts';
import type { Context } from './context.ts';
import type { CredentialChange } from './credentials/changes.ts';
import { refuseChange, strongFrom } from './credentials/proof.ts';
import { isUsableApiKey } from './keys/api-key.ts';
import type { ProjectPermission } from './permissions/project-permissions.ts';
import { everyRight, missingRight, noRight, type ProjectRights, rightsOf } from './permissions/project-rights.ts';
import { reachesLevel, type ServerLevel } from './projects/server-level.ts';
import { type HasTransactions, rawTransaction } from './raw-transaction.ts';
import { whyOver } from './sessions/check-session.ts';
import { isImpersonation, type LiveSession, type Session } from './sessions/session.ts';
import type { Tx } from './store.ts';
import type { Person } from './users/user.ts';
import { statusRefusal } from './users/user-status.ts';
import type { PasswordRecord } from './users/user-store.ts';

/**
 * The doors to a writing transaction. Authority exists only inside: each door reads again who asks, so a session that
 * ended, a person who was banned and a right that was withdrawn a moment ago change nothing any more.
 *
 * - `act`: somebody who was let in, whose person, session, rights and proof are read again.
 * - `asBearer`: whoever shows a credential instead (a password, a mailed code, an answer of a provider).
 * - `asSystem`: jobs, the start and the command line.
 */

export type ActingActor = UserActor | KeyActor | ServerActor | SystemActor;

/** What must hold for the work to begin, as data. */
export interface Demand {
  /** The work changes the person's own credentials: the row says which proof they owe. */
  readonly change?: CredentialChange;
  /** The password that was verified before the transaction. It must still be the one (`password_wrong`). */
  readonly password?: PasswordRecord | null;
  /** The work itself spends a code of the person's second factor, and refuses when it is wrong. */
  readonly spendsFactorCode?: boolean;
  /**
   * Not by a session that an administrator opened in somebody's name: what is done lasts longer than the session, or
   * takes away. Changes of credentials and rights over the project imply it.
   */
  readonly inPerson?: true;
  /** Rights over the project; each must be held. Servers and the system hold all. */
  readonly may?: readonly ProjectPermission[];
  /** The least level of a project's server; `server` when absent. */
  readonly server?: ServerLevel;
}

/** API keys act only where the use case says so, and never on credentials or on other people. */
type DemandOf<A extends ActingActor> =
  Extract<A, KeyActor> extends never
    ? Demand
    : {
        readonly keys: true;
        readonly change?: never;
        readonly may?: never;
        readonly inPerson?: never;
        readonly server?: ServerLevel;
      };

export interface Acting {
  /** What the actor holds over the project; nothing unless the demand names rights. */
  readonly rights: ProjectRights;
  /**
   * Why a change of credentials may not be made, for work that learns only inside the transaction which one it is.
   * Null: it may. @returns impersonated_session, session_not_fresh
   */
  readonly refuseChange: (change: CredentialChange) => Refusal | null;
}

/** Who may add ways in. */
interface AddingActing extends Acting {
  /** Of a way in that the work adds, see `WayIn`. */
  readonly strongFrom: () => Instant | null;
}

/** A person with a session, as stored now. */
export interface MyselfActing extends AddingActing {
  readonly person: Person;
  readonly session: Session;
}

interface KeyActing extends Acting {
  readonly person: Person;
  readonly session: null;
}

interface ServiceActing extends AddingActing {
  readonly person: null;
  readonly session: null;
}

/** Who acts, as read inside the transaction. */
export type Me<A extends ActingActor> = A extends UserActor
  ? MyselfActing
  : A extends KeyActor
    ? KeyActing
    : ServiceActing;

export type Doors = HasTransactions & Pick<Context, 'project' | 'surface' | 'clock'>;

/**
 * Runs the work of somebody who was let in, in one transaction. A refusal that the work returns is thrown after the
 * commit, so that what was written before it stays; nobody can forget it.
 * @throws Refusal what the work returns; not_signed_in, impersonated_session, session_not_fresh,
 *   password_wrong, permission_denied with the missing right as `field`, access_level_insufficient, api_key_cannot_act
 */
export async function act<A extends ActingActor, T>(
  ctx: Doors,
  actor: A,
  demand: DemandOf<A>,
  work: (tx: Tx, me: Me<A>) => Promise<T | Refusal>,
): Promise<T> {
  return settle(
    await ctx[rawTransaction](async (tx) => {
      const me = await readAgain(ctx, tx, actor, demand as Demand);
      return me instanceof Refusal ? me : work(tx, me as Me<A>);
    }),
  );
}

/**
 * What a stranger shows instead of being signed in. `sign_up`: nothing, and a person is made. `none`: nothing, and no
 * credential is written.
 */
export type BearerCredential =
  | 'password'
  | 'code'
  | 'provider'
  | 'passkey'
  | 'pending'
  | 'client'
  | 'key'
  | 'sign_up'
  | 'none';

/** Runs the work of somebody who shows a credential. The work itself must test it inside the transaction. */
export const asBearer = <T>(
  ctx: HasTransactions,
  _bearer: { readonly credential: BearerCredential },
  work: (tx: Tx) => Promise<T>,
): Promise<T> => ctx[rawTransaction](work);

/** Runs work that nobody asked for: jobs, the start, timers. */
export const asSystem = <T>(ctx: HasTransactions, work: (tx: Tx) => Promise<T>): Promise<T> =>
  ctx[rawTransaction](work);

async function readAgain(ctx: Doors, tx: Tx, actor: ActingActor, demand: Demand): Promise<Me<ActingActor> | Refusal> {
  switch (actor.kind) {
    case 'system':
      return service;
    case 'server':
      return reachesLevel(actor, demand.server ?? 'server')
        ? service
        : refuse('access_level_insufficient', { given: actor.level });
    case 'key':
      return readKey(ctx, tx, actor, demand);
    case 'user':
      return readPerson(ctx, tx, actor, demand);
  }
}

const service: ServiceActing = {
  person: null,
  session: null,
  rights: everyRight,
  refuseChange: () => null,
  strongFrom: () => null,
};

async function readPerson(ctx: Doors, tx: Tx, actor: UserActor, demand: Demand): Promise<MyselfActing | Refusal> {
  if (demand.may !== undefined) await tx.grants.takeTurn();
  await tx.users.hold(actor.live.user.id);
  const live = await tx.sessions.findLive(actor.live.session.id);
  if (!live || live.user.id !== actor.live.user.id) return refuse('not_signed_in', { why: 'the session ended' });
  const over = whyOver(ctx, live);
  if (over) return refuse('not_signed_in', { why: over.code });
  const stale = demand.password ? await refuseStalePassword(tx, live, demand.password) : null;
  if (stale) return stale;

  const shown = { password: demand.password ?? null, factorCode: demand.spendsFactorCode === true };
  const refuseThis = (change: CredentialChange) => refuseChange(ctx, live, change, shown);
  if (demand.inPerson && isImpersonation(live.session)) return refuse('impersonated_session');
  const unproven = demand.change === undefined ? null : refuseThis(demand.change);
  if (unproven) return unproven;

  const rights = demand.may === undefined ? noRight : await readRights(ctx, tx, live, demand.may);
  if (rights instanceof Refusal) return rights;
  const { user: person, session } = live;
  return { person, session, rights, refuseChange: refuseThis, strongFrom: () => strongFrom(ctx, live, shown) };
}

/** Another password since it was verified: the change wins (a proof is of what is stored). */
async function refuseStalePassword(tx: Tx, { user }: LiveSession, proven: PasswordRecord): Promise<Refusal | null> {
  const current = await tx.passwords.find(user.id);
  return current?.hash === proven.hash ? null : refuse('password_wrong', { why: 'changed meanwhile' });
}

/** An administrator who looks through somebody's eyes does not administer with their rights. */
async function readRights(
  ctx: Doors,
  tx: Tx,
  { session, user }: LiveSession,
  permissions: readonly ProjectPermission[],
): Promise<ProjectRights | Refusal> {
  if (isImpersonation(session)) return refuse('impersonated_session', { why: permissions.join() });
  const rights = await rightsOf(ctx, tx, user);
  return missingRight(rights, permissions) ?? rights;
}

async function readKey(ctx: Doors, tx: Tx, actor: KeyActor, demand: Demand): Promise<KeyActing | Refusal> {
  if (demand.change !== undefined || demand.may !== undefined) return refuse('api_key_cannot_act');
  const now = ctx.clock.now();
  await tx.users.hold(actor.live.user.id);
  const key = await tx.apiKeys.find(actor.key.id);
  const person = await tx.users.find(actor.live.user.id);
  if (!key || !isUsableApiKey(key, now) || !person) return refuse('not_signed_in', { why: 'the key ended' });
  const barred = statusRefusal(ctx, person, now);
  if (barred) return refuse('not_signed_in', { why: barred.code });
  return { person, session: null, rights: noRight, refuseChange: () => refuse('api_key_cannot_act') };
}
