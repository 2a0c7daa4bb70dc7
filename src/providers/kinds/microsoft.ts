import type { ProviderConfig } from '../../base/configuration.ts';
import { profileOf, standardProfile, text, yes } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

const login = 'https://login.microsoftonline.com';
/** The tenant of private accounts; Microsoft proves their addresses itself. */
const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad';
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const tenantOf = (config: ProviderConfig): string => config.settings.tenant ?? 'common';

/** Every tenant is an issuer of its own; which of them count follows from the configured tenant. */
function admitsTenant(tenant: string, id: string): boolean {
  if (tenant === 'common') return true;
  if (tenant === 'organizations') return id !== consumers;
  if (tenant === 'consumers') return id === consumers;
  return guid.test(tenant) ? id === tenant : true; // a tenant named by domain: its own endpoint and keys decide
}

export const microsoft: ProviderKind = {
  displayName: 'Microsoft',
  scopes: ['openid', 'profile', 'email', 'User.Read', 'offline_access'],
  server(config) {
    const tenant = encodeURIComponent(tenantOf(config));
    return {
      issuer: `${login}/${tenant}/v2.0`,
      authorization_endpoint: `${login}/${tenant}/oauth2/v2.0/authorize`,
      token_endpoint: `${login}/${tenant}/oauth2/v2.0/token`,
      userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
      jwks_uri: `${login}/${tenant}/discovery/v2.0/keys`,
      end_session_endpoint: `${login}/${tenant}/oauth2/v2.0/logout`,
    };
  },
  pkce: true,
  idToken: {
    issuer(claims, server, config) {
      if (config.issuer !== null) return server.issuer;
      const id = claims.tid;
      return typeof id === 'string' && guid.test(id) && admitsTenant(tenantOf(config), id)
        ? `${login}/${id}/v2.0`
        : null;
    },
  },
  nonce: true,
  checksIssuer: false,
  clientAuth: 'post',
  async profile(source) {
    const profile = await standardProfile(source);
    const claims = source.claims ?? {};
    return profileOf({
      ...profile,
      // An administrator of any tenant may type any address into `email`; only these two say it was proven.
      emailVerified: text(claims.email) === profile.email && (claims.tid === consumers || yes(claims.xms_edov)),
    });
  },
};
