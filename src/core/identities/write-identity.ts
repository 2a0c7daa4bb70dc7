import type { Id } from '../../base/ids.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Identity } from './identity.ts';
import { mergeScopes, sealTokens } from './identity-tokens.ts';
import { keptProfile, type ProviderVisit } from './provider-visit.ts';

/** A step of every path by which a person gets an identity. */
export async function addIdentity(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  userId: Id,
  visit: ProviderVisit,
  how: 'sign_in' | 'sign_up' | 'link',
): Promise<Identity> {
  const { facts, profile, tokens } = visit;
  const id = ctx.ids.next();
  const now = ctx.clock.now();
  const identity: Identity = {
    id,
    userId,
    provider: facts.key,
    subject: profile.subject,
    email: profile.email,
    emailVerified: profile.emailVerified,
    profile: keptProfile(profile.raw),
    allowSignIn: facts.allowSignIn,
    allowConnect: facts.allowConnect,
    accessToken: null,
    refreshToken: null,
    idToken: null,
    accessExpiresAt: null,
    refreshExpiresAt: null,
    ...sealTokens(ctx, id, tokens),
    scopes: mergeScopes([], tokens.scopes),
    lastSignInAt: how === 'link' ? null : now,
    createdAt: now,
    updatedAt: now,
  };
  await tx.identities.insert(identity);
  await recordEvent(ctx, tx, actor, {
    type: 'provider.linked',
    subject: userId,
    data: { provider: facts.key, by: how },
  });
  return identity;
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
