import { standardProfile } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

/** Any OpenID Connect issuer, by discovery. */
export const oidc: ProviderKind = {
  displayName: 'OpenID Connect',
  scopes: ['openid', 'email', 'profile'],
  server: null,
  pkce: true,
  idToken: {},
  nonce: true,
  checksIssuer: true,
  clientAuth: 'announced',
  profile: standardProfile,
};
