import type { Instant } from '../../base/clock.ts';
import type { PersonActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Identity } from './identity.ts';

export interface LinkedCredentials {
  readonly identities: readonly Identity[];
  /** Some wires list the password as one more account. */
  readonly password: { readonly setAt: Instant; readonly changedAt: Instant } | null;
}

/** What the actor can sign in with or is connected to. */
export async function listIdentities(ctx: Context, actor: PersonActor): Promise<LinkedCredentials> {
  const { id } = actor.live.user;
  const password = await ctx.store.read.passwords.find(id);
  return {
    identities: await ctx.store.read.identities.listOf(id),
    password: password && { setAt: password.setAt, changedAt: password.changedAt },
  };
}
