import { standardProfile } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

const issuer = 'https://accounts.google.com';

export const google: ProviderKind = {
  displayName: 'Google',
  scopes: ['email', 'profile', 'openid'],
  server: () => ({
    issuer,
    authorization_endpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
    token_endpoint: 'https://oauth2.googleapis.com/token',
    userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
    jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
  }),
  pkce: true,
  idToken: {
    // Documented: both spellings are Google's own.
    issuer: (claims, server) =>
      claims.iss === 'accounts.google.com' && server.issuer === issuer ? 'accounts.google.com' : server.issuer,
    refuses(claims, config) {
      const domain = config.settings.hostedDomain;
      if (domain === undefined) return null;
      // `*` is any organization, but no private account.
      const right = domain === '*' ? typeof claims.hd === 'string' && claims.hd !== '' : claims.hd === domain;
      return right ? null : 'another hosted domain';
    },
  },
  nonce: true,
  checksIssuer: true,
  clientAuth: 'post',
  parameters: ({ settings }) => ({
    ...(settings.includeGrantedScopes !== 'false' && { include_granted_scopes: 'true' }),
    ...(settings.hostedDomain !== undefined && { hd: settings.hostedDomain }),
    ...(settings.accessType !== undefined && { access_type: settings.accessType }),
  }),
  profile: standardProfile,
};
