import type { Id } from '../../base/ids.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { admitSubject } from '../users/subject.ts';
import { refuseImpersonated } from './identity-tokens.ts';
import type { OwnerOrServer } from './own-identities.ts';
import type { IdentityProvider } from './provider.ts';
import { findProvider } from './provider-visit.ts';
import { usableToken } from './read-provider-token.ts';
import { refreshKept } from './refresh-provider-token.ts';

export interface ConnectedToken {
  readonly userId: Id;
  readonly provider: string;
  /** Null: any account of the provider that has the scopes. */
  readonly subject: string | null;
  readonly scopes: readonly string[];
}

/**
 * An access token of an account that somebody connected, for the application to use; one that the provider takes no longer
 * is renewed. Clients that the operator lends
 * give none: their tokens are not the project's.
 * @throws Refusal impersonated_session, self_only, user_not_found, provider_not_found, provider_token_unavailable (`field: shared`, else
 * `given` is the provider), identity_not_found, provider_scope_missing (also for a token that was revoked)
 */
export async function readConnectedToken(
  ctx: Context,
  actor: OwnerOrServer,
  { userId, provider, subject, scopes }: ConnectedToken,
): Promise<string> {
  refuseImpersonated(actor);
  settle(await admitSubject(ctx.store.read, actor, userId));
  const asked = findProvider(ctx, provider, 'tokens');
  if (asked.facts.shared) {
    throw new Refusal('provider_token_unavailable', { field: 'shared', given: provider });
  }
  const connected = (await ctx.store.read.identities.listOf(userId)).filter(
    (identity) =>
      identity.provider === provider && identity.allowConnect && (subject === null || identity.subject === subject),
  );
  if (connected.length === 0) throw new Refusal('identity_not_found', { given: provider, userId });
  const identity = connected.find((one) => scopes.every((scope) => one.scopes.includes(scope)));
  if (!identity) throw new Refusal('provider_scope_missing', { missing: scopes });
  const found = await usableToken(ctx, identity).catch((fault: unknown) => {
    if (!(fault instanceof Refusal)) throw fault;
    throw new Refusal(fault.code, { ...fault.detail, given: provider });
  });
  const { accessExpiresAt } = found.identity;
  if (accessExpiresAt !== null && accessExpiresAt <= ctx.clock.now()) {
    throw new Refusal('provider_token_unavailable', {
      given: provider,
      why: 'expired, and nothing to refresh it with',
    });
  }
  const justRenewed = found.identity !== identity;
  if (justRenewed || (await isTaken(asked, found.accessToken))) return found.accessToken;
  const renewed = await refreshKept(ctx, found.identity).catch((fault: unknown) => {
    if (!(fault instanceof Refusal)) throw fault;
    return null;
  });
  if (renewed?.tokens.accessToken) return renewed.tokens.accessToken;
  // Only a new visit to the provider gives another one: applications send people there for this refusal.
  throw new Refusal('provider_scope_missing', { missing: scopes, why: 'revoked at the provider' });
}

/** What says at the provider that a token is none any more (RFC 6750 §3.1). */
const revoked = new Set(['400', '401']);

/** Does the provider still take this token? Where it does not say, nobody is sent away: it may be out of order. */
async function isTaken(provider: IdentityProvider, accessToken: string): Promise<boolean> {
  try {
    await provider.readProfile({ accessToken, idToken: null });
    return true;
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    return !(fault.detail.field === 'status' && revoked.has(fault.detail.given ?? ''));
  }
}
