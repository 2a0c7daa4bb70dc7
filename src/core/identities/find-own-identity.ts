import type { Id } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import type { Reads } from '../store.ts';
import type { Identity } from './identity.ts';

/** By its own id, or by provider and, where there are several, by subject. */
export type IdentitySelector = { readonly id: Id } | { readonly provider: string; readonly subject: string | null };

/** Looks among the actor's own only: somebody else's id is as unknown as a made-up one (rule 28). */
export async function findOwnIdentity(
  reads: Pick<Reads, 'identities'>,
  actor: UserActor,
  selector: IdentitySelector,
): Promise<Identity | Refusal> {
  const own = await reads.identities.listOf(actor.live.user.id);
  const found = own.find((identity) =>
    'id' in selector
      ? identity.id === selector.id
      : identity.provider === selector.provider && (selector.subject === null || identity.subject === selector.subject),
  );
  return found ?? refuse('identity_not_found');
}
