import type { Id } from '../../base/ids.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { WayIn } from '../credentials/way-in.ts';
import { endFor } from '../endings/end-for.ts';
import type { Tx } from '../store.ts';
import type { Identity } from './identity.ts';
import { mergeScopes, sealTokens } from './identity-tokens.ts';
import { keptProfile, type ProviderVisit } from './provider-visit.ts';

/** The provider's word brought the person in, or somebody who was in already links it. */
export type LinkedBy = 'sign_in' | 'sign_up' | WayIn;

/** A step of every path by which a person gets an identity. */
export async function addIdentity(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  userId: Id,
  visit: ProviderVisit,
  how: LinkedBy,
  allowSignIn = visit.facts.allowSignIn,
): Promise<Identity> {
  const { facts, profile, tokens } = visit;
  const { subject, email } = profile;
  const { allowConnect } = facts;
  const linked = typeof how === 'object';
  const bare = bareIdentity(ctx, { userId, provider: facts.key, subject, email, allowSignIn, allowConnect });
  const identity: Identity = {
    ...bare,
    emailVerified: profile.emailVerified,
    profile: keptProfile(profile.raw),
    ...sealTokens(ctx, bare.id, tokens),
    scopes: mergeScopes([], tokens.scopes),
    lastSignInAt: linked ? null : bare.createdAt,
    strongFrom: linked ? how.strongFrom : null,
  };
  // Who signs up by it has nobody to be told.
  if (how !== 'sign_up') await endFor(ctx, tx, actor, 'identity_linked', userId);
  await tx.identities.insert(identity);
  await recordEvent(ctx, tx, actor, {
    type: 'provider.linked',
    subject: userId,
    data: { provider: facts.key, by: linked ? 'link' : how },
  });
  return identity;
}

/** An account at a provider that somebody is known to have: nobody has shown it, and there are no tokens of it. */
export function bareIdentity(
  ctx: Pick<Context, 'ids' | 'clock'>,
  known: Pick<Identity, 'userId' | 'provider' | 'subject' | 'email' | 'allowSignIn' | 'allowConnect'>,
): Identity {
  const { userId, provider, subject, email, allowSignIn, allowConnect } = known;
  const now = ctx.clock.now();
  return {
    ...{ id: ctx.ids.next(), userId, provider, subject, email, emailVerified: false, profile: null },
    ...{ allowSignIn, allowConnect, accessToken: null, refreshToken: null, idToken: null },
    ...{ accessExpiresAt: null, refreshExpiresAt: null, scopes: [], lastSignInAt: null, strongFrom: null },
    ...{ createdAt: now, updatedAt: now },
  };
}

/** The person came back: tokens, scopes and the provider's words are the newest ones. */
export async function refreshIdentity(
  ctx: Context,
  tx: Tx,
  identity: Identity,
  visit: ProviderVisit,
  signedIn: boolean,
): Promise<Identity> {
  const { profile, tokens } = visit;
  const now = ctx.clock.now();
  const change = {
    email: profile.email,
    emailVerified: profile.emailVerified,
    profile: keptProfile(profile.raw),
    ...sealTokens(ctx, identity.id, tokens),
    scopes: mergeScopes(identity.scopes, tokens.scopes),
    ...(signedIn && { lastSignInAt: now }),
  };
  await tx.identities.update(identity.id, change, now);
  return { ...identity, ...change, updatedAt: now };
}
