import { standardProfile } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const linkedin: ProviderKind = {
  displayName: 'LinkedIn',
  scopes: ['profile', 'email', 'openid'],
  server: () => ({
    issuer: 'https://www.linkedin.com/oauth',
    authorization_endpoint: 'https://www.linkedin.com/oauth/v2/authorization',
    token_endpoint: 'https://www.linkedin.com/oauth/v2/accessToken',
    userinfo_endpoint: 'https://api.linkedin.com/v2/userinfo',
    jwks_uri: 'https://www.linkedin.com/oauth/openid/jwks',
  }),
  // Its web flow knows neither PKCE nor nonce.
  pkce: false,
  idToken: {},
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  profile: standardProfile,
};
