import { Type } from 'typebox';
import type { Context } from '../../core/context.ts';
import type { Identity } from '../../core/identities/identity.ts';
import { providerTypeWire } from './config/providers.ts';

export const identitySchema = Type.Object({
  user_id: Type.String(),
  id: Type.String(),
  email: Type.Optional(Type.String()),
  provider_config_id: Type.String(),
  type: Type.String(),
  allow_sign_in: Type.Boolean(),
  allow_connected_accounts: Type.Boolean(),
  account_id: Type.Optional(Type.String()),
});

/** An account at a provider; its id there is for servers only (spec §2.7). */
export const identityWire = (
  ctx: Pick<Context, 'providers'>,
  identity: Identity,
  { server }: { readonly server: boolean },
) => ({
  user_id: identity.userId,
  id: identity.id,
  ...(identity.email !== null && { email: identity.email }),
  provider_config_id: identity.provider,
  // A provider that is not configured any more is known by its key alone, which is its type unless somebody chose.
  type: providerTypeWire(ctx.providers.find(identity.provider)?.facts.type ?? identity.provider),
  allow_sign_in: identity.allowSignIn,
  allow_connected_accounts: identity.allowConnect,
  ...(server && { account_id: identity.subject }),
});
