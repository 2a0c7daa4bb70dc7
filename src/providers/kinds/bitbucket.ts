import { isObject, object, profileOf, text, yes } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const bitbucket: ProviderKind = {
  displayName: 'Bitbucket',
  scopes: ['account', 'email'],
  server: () => ({
    issuer: 'https://bitbucket.org',
    authorization_endpoint: 'https://bitbucket.org/site/oauth2/authorize',
    token_endpoint: 'https://bitbucket.org/site/oauth2/access_token',
    userinfo_endpoint: 'https://api.bitbucket.org/2.0/user',
  }),
  pkce: false,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'basic',
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    const page = await source.get(source.config.settings.emailsEndpoint ?? 'https://api.bitbucket.org/2.0/user/emails');
    const emails = Array.isArray(page.values) ? page.values.filter(isObject) : [];
    const email = emails.find((row) => yes(row.is_primary)) ?? null;
    return profileOf({
      subject: user.uuid,
      email: email?.email,
      emailVerified: yes(email?.is_confirmed),
      name: text(user.display_name) ?? user.username,
      imageUrl: object(object(user.links).avatar).href,
      raw: user,
    });
  },
};
