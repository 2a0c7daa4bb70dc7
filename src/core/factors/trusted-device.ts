import { later } from '../../base/clock.ts';
import { looksLikeToken, opaqueToken } from '../../base/random.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { mostDevices } from '../count-limits.ts';
import type { Reads, Tx } from '../store.ts';
import type { Person } from '../users/user.ts';
import type { TrustedDevice } from './factor-store.ts';
import { trustedDeviceSeconds } from './second-factor-rules.ts';

/** What a browser keeps so as not to be asked for the second factor again. */
export interface DeviceTrust {
  readonly token: string;
  readonly lifeSeconds: number;
}

/** Believes this browser from now on. */
export async function trustDevice(ctx: Context, tx: Tx, actor: Actor, person: Person): Promise<DeviceTrust> {
  const now = ctx.clock.now();
  const token = opaqueToken(ctx.random);
  const device = {
    id: ctx.ids.next(),
    userId: person.id,
    tokenHash: ctx.vault.digest(token),
    trustedUntil: later(now, trustedDeviceSeconds * 1000),
    userAgent: actor.from.userAgent,
    lastSeenAt: now,
    createdAt: now,
  };
  await tx.factors.insertDevice(device, mostDevices);
  return { token, lifeSeconds: trustedDeviceSeconds };
}

/** The device of this person that the token stands for; null when it is another's, too old, or from before a reset. */
export async function findTrustedDevice(
  ctx: Pick<Context, 'vault' | 'clock'>,
  reads: Pick<Reads, 'factors'>,
  person: Pick<Person, 'id' | 'credentialsChangedAt'> | null,
  token: string | null,
): Promise<TrustedDevice | null> {
  if (token === null || !looksLikeToken(token)) return null;
  const device = await reads.factors.findDevice(ctx.vault.digest(token));
  if (!device || !person || device.userId !== person.id) return null;
  if (device.trustedUntil === null || device.trustedUntil <= ctx.clock.now()) return null;
  return device.createdAt < person.credentialsChangedAt ? null : device;
}

/** Is this browser believed? If so its token changes: one that was copied is worth nothing afterwards. */
export async function useTrust(
  ctx: Context,
  tx: Tx,
  person: Person,
  token: string | null,
): Promise<DeviceTrust | null> {
  const device = await findTrustedDevice(ctx, tx, person, token);
  if (!device) return null;
  const now = ctx.clock.now();
  const fresh = opaqueToken(ctx.random);
  await tx.factors.renewDevice(device.id, ctx.vault.digest(fresh), later(now, trustedDeviceSeconds * 1000), now);
  return { token: fresh, lifeSeconds: trustedDeviceSeconds };
}
