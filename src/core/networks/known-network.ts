import { days, type Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { Context } from '../context.ts';
import { networkOf } from '../network.ts';
import type { Session } from '../sessions/session.ts';
import type { Tx } from '../store.ts';

export interface KnownNetworkReads {
  has(userId: Id, networkMac: Uint8Array, seenAfter: Instant): Promise<boolean>;
}

export interface KnownNetworkWrites {
  /** Writes only when the network is new or was last seen at `unlessSeenAfter` or before. Keeps the newest `kept`. */
  note(seen: {
    readonly userId: Id;
    readonly networkMac: Uint8Array;
    readonly now: Instant;
    readonly unlessSeenAfter: Instant;
    readonly kept: number;
  }): Promise<void>;
  forgetAllOf(userId: Id): Promise<void>;
}

/** A network counts as the person's own for this long after the last sign-in from it. */
export const knownNetworkMs = days(90);
const notedAgainMs = days(1);
const networksPerPerson = 20;

/** Under the current secret only: after a rotation a network is unknown until the person signs in from it again. */
const networkMac = (ctx: Pick<Context, 'vault'>, userId: Id, ip: string): Uint8Array =>
  ctx.vault.mac('known network', `${userId} ${networkOf(ip)}`);

/** Has this person signed in from there? A request without an address comes from nowhere that is known. */
export async function isKnownNetwork(
  ctx: Pick<Context, 'vault' | 'clock' | 'store'>,
  userId: Id,
  ip: string | null,
): Promise<boolean> {
  if (ip === null) return false;
  const seenAfter = (ctx.clock.now() - knownNetworkMs) as Instant;
  return ctx.store.read.knownNetworks.has(userId, networkMac(ctx, userId, ip), seenAfter);
}

export async function noteNetwork(
  ctx: Pick<Context, 'vault' | 'clock'>,
  tx: Pick<Tx, 'knownNetworks'>,
  userId: Id,
  ip: string | null,
): Promise<void> {
  if (ip === null) return;
  const now = ctx.clock.now();
  await tx.knownNetworks.note({
    userId,
    networkMac: networkMac(ctx, userId, ip),
    now,
    unlessSeenAfter: (now - notedAgainMs) as Instant,
    kept: networksPerPerson,
  });
}

/** Sessions that somebody else opens prove no network of the person's. Nobody guesses at an anonymous person's secrets. */
const openedByOthers: ReadonlySet<Session['method']> = new Set(['impersonation', 'server', 'anonymous']);

/** A step of the gate: the network of a new session is one of its person's. */
export async function noteNetworkOfSession(
  ctx: Pick<Context, 'vault' | 'clock'>,
  tx: Pick<Tx, 'knownNetworks'>,
  { userId, ip, method }: Pick<Session, 'userId' | 'ip' | 'method'>,
): Promise<void> {
  if (!openedByOthers.has(method)) await noteNetwork(ctx, tx, userId, ip);
}
