import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { replaceTotp } from '../factors/replace-totp.ts';
import { bareIdentity } from '../identities/write-identity.ts';
import type { Tx } from '../store.ts';
import type { Person } from './user.ts';

/** An account at a provider that a person is known to have: no sign-in has shown it. */
export interface NewIdentity {
  readonly provider: string;
  readonly subject: string;
  readonly email: string | null;
}

/** @returns provider_not_found with the provider as `given`, identity_taken */
export async function refusedIdentities(
  ctx: Context,
  tx: Tx,
  identities: readonly NewIdentity[],
): Promise<Refusal | null> {
  for (const { provider, subject } of identities) {
    if (!ctx.providers.find(provider)) return refuse('provider_not_found', { given: provider });
    if (await tx.identities.findForSignIn(provider, subject)) return refuse('identity_taken');
  }
  return null;
}

/** A step of creating a person for somebody else: what they sign in with. Already checked. */
export async function giveCredentials(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  given: {
    readonly hash: string | null;
    readonly totpSecret?: Uint8Array;
    readonly identities?: readonly NewIdentity[];
  },
): Promise<void> {
  const now = ctx.clock.now();
  if (given.hash !== null) {
    await tx.passwords.set({ userId: person.id, hash: given.hash, setAt: now, changedAt: now, strongFrom: null });
  }
  for (const identity of given.identities ?? []) {
    const { allowConnect } = ctx.providers.find(identity.provider)!.facts;
    await tx.identities.insert(bareIdentity(ctx, { ...identity, userId: person.id, allowSignIn: true, allowConnect }));
    const data = { provider: identity.provider, by: 'operator' };
    await recordEvent(ctx, tx, actor, { type: 'provider.linked', subject: person.id, data });
  }
  if (given.totpSecret) {
    const refused = await replaceTotp(ctx, tx, actor, person, given.totpSecret, () => null);
    // Thrown, not returned: the person must not stay (core map M3).
    if (refused) throw refused;
  }
}
