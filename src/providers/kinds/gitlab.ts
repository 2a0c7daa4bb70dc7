import { standardProfile } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

/** gitlab.com; an instance of one's own is configured by `issuer` and discovered. */
export const gitlab: ProviderKind = {
  displayName: 'GitLab',
  scopes: ['openid', 'email', 'profile'],
  server: () => ({
    issuer: 'https://gitlab.com',
    authorization_endpoint: 'https://gitlab.com/oauth/authorize',
    token_endpoint: 'https://gitlab.com/oauth/token',
    userinfo_endpoint: 'https://gitlab.com/oauth/userinfo',
    jwks_uri: 'https://gitlab.com/oauth/discovery/keys',
  }),
  pkce: true,
  idToken: {},
  nonce: true,
  checksIssuer: false,
  clientAuth: 'post',
  profile: standardProfile,
};
