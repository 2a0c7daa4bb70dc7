import type { Id } from '../../base/ids.ts';
import { Refusal, settle } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { admitSubject } from '../users/subject.ts';
import { refuseImpersonated } from './identity-tokens.ts';
import type { OwnerOrServer } from './own-identities.ts';
import { findProvider } from './provider-visit.ts';
import { usableToken } from './read-provider-token.ts';

export interface ConnectedToken {
  readonly userId: Id;
  readonly provider: string;
  /** Null: any account of the provider that has the scopes. */
  readonly subject: string | null;
  readonly scopes: readonly string[];
}

/**
 * An access token of an account that somebody connected, for the application to use. Clients that the operator lends
 * give none: their tokens are not the project's.
 * @throws Refusal impersonated_session, self_only, user_not_found, provider_not_found, provider_token_unavailable (`field: shared`, else
 * `given` is the provider), identity_not_found, provider_scope_missing
 */
export async function readConnectedToken(
  ctx: Context,
  actor: OwnerOrServer,
  { userId, provider, subject, scopes }: ConnectedToken,
): Promise<string> {
  refuseImpersonated(actor);
  settle(await admitSubject(ctx.store.read, actor, userId));
  if (findProvider(ctx, provider, 'tokens').facts.shared) {
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
  return found.accessToken;
}
