import { standardProfile } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

const issuer = 'https://id.twitch.tv/oauth2';

export const twitch: ProviderKind = {
  displayName: 'Twitch',
  scopes: ['user:read:email', 'openid'],
  server: () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/keys`,
  }),
  pkce: false,
  idToken: {},
  nonce: true,
  checksIssuer: false,
  clientAuth: 'post',
  // Nothing but the subject is told unless it is named (OIDC Core §5.5).
  parameters: () => ({
    claims: '{"id_token":{"email":null,"email_verified":null,"preferred_username":null,"picture":null}}',
  }),
  profile: standardProfile,
};
