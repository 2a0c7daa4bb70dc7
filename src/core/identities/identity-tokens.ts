import type { Id } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { isImpersonation } from '../sessions/session.ts';
import type { Identity, IdentityChange } from './identity.ts';
import type { ProviderTokens } from './provider.ts';

type Column = 'access_token_enc' | 'refresh_token_enc' | 'id_token_enc';
const place = (identityId: Id, column: Column) => ({ table: 'identity', column, row: identityId });

/**
 * Tokens of a provider open the person's account there, also once the session is over: nobody who acts in their name
 * gets them.
 * @throws Refusal impersonated_session
 */
export function refuseImpersonated(actor: Actor): void {
  if (actor.kind === 'user' && isImpersonation(actor.live.session)) throw new Refusal('impersonated_session');
}

/** What changes in a row when these tokens arrive. A token that did not come again stays what it was. */
export function sealTokens(ctx: Pick<Context, 'vault'>, identityId: Id, tokens: ProviderTokens): IdentityChange {
  const seal = (column: Column, clear: string) => ctx.vault.seal(place(identityId, column), clear);
  return {
    ...(tokens.accessToken !== null && {
      accessToken: seal('access_token_enc', tokens.accessToken),
      accessExpiresAt: tokens.accessExpiresAt,
    }),
    ...(tokens.refreshToken !== null && {
      refreshToken: seal('refresh_token_enc', tokens.refreshToken),
      refreshExpiresAt: tokens.refreshExpiresAt,
    }),
    ...(tokens.idToken !== null && { idToken: seal('id_token_enc', tokens.idToken) }),
  };
}

/** Tokens kept with an identity, opened. */
export interface OpenTokens {
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
}

export function openTokens(ctx: Pick<Context, 'vault'>, identity: Identity): OpenTokens {
  const open = (column: Column, sealed: Uint8Array | null) =>
    sealed === null ? null : ctx.vault.open(place(identity.id, column), sealed);
  return {
    accessToken: open('access_token_enc', identity.accessToken),
    refreshToken: open('refresh_token_enc', identity.refreshToken),
    idToken: open('id_token_enc', identity.idToken),
  };
}

/** Consent only grows here: a provider that names fewer scopes for one token did not take the others back. */
export const mergeScopes = (kept: readonly string[], granted: readonly string[]): readonly string[] => [
  ...new Set([...kept, ...granted]),
];
