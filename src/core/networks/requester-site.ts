import type { Id } from '../../base/ids.ts';
import type { RequestOrigin } from '../actor.ts';
import type { Context } from '../context.ts';
import { findTrustedDevice } from '../factors/trusted-device.ts';
import { networkOf } from '../network.ts';
import type { Person } from '../users/user.ts';
import { isKnownNetwork } from './known-network.ts';

/** Where a request about a person comes from, as the limits of that person tell places apart. */
export interface RequesterSite {
  /** The person has signed in from this network, or this browser is a trusted device of theirs. */
  readonly known: boolean;
  /** The device or the network. */
  readonly name: string;
}

/** Stands in for a person who does not exist, so that the same statements run (rule 17). */
export const nobody: Id = '00000000-0000-0000-0000-000000000000';

/** @param trustToken what the browser keeps from a sign-in that asked to be trusted; null when it shows none */
export async function requesterSite(
  ctx: Pick<Context, 'vault' | 'clock' | 'store'>,
  person: Pick<Person, 'id' | 'credentialsChangedAt'> | null,
  from: RequestOrigin,
  trustToken: string | null = null,
): Promise<RequesterSite> {
  const network = networkOf(from.ip);
  const [device, known] = await Promise.all([
    findTrustedDevice(ctx, ctx.store.read, person, trustToken),
    isKnownNetwork(ctx, person?.id ?? nobody, from.ip),
  ]);
  return device ? { known: true, name: `device ${device.id}` } : { known, name: network };
}

/**
 * Under which name a limit of one person counts a request: each of their own networks and devices by itself, all
 * strangers together. What strangers use up is then no loss to the person.
 */
export async function budgetFor(
  ctx: Pick<Context, 'vault' | 'clock' | 'store'>,
  userId: Id | null,
  from: RequestOrigin,
): Promise<string> {
  return (await isKnownNetwork(ctx, userId ?? nobody, from.ip)) ? networkOf(from.ip) : 'strangers';
}
