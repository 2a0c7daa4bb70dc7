import { object, profileOf } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const facebook: ProviderKind = {
  displayName: 'Facebook',
  scopes: ['email', 'public_profile'],
  server: () => ({
    issuer: 'https://www.facebook.com',
    authorization_endpoint: 'https://www.facebook.com/v24.0/dialog/oauth',
    token_endpoint: 'https://graph.facebook.com/v24.0/oauth/access_token',
    userinfo_endpoint: 'https://graph.facebook.com/me?fields=id,name,email,picture',
  }),
  pkce: false,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  // Facebook Login for Business: a configuration made there says what is asked for.
  parameters: ({ settings }): Record<string, string> =>
    settings.configId === undefined ? {} : { config_id: settings.configId },
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    return profileOf({
      subject: user.id,
      email: user.email,
      // Facebook does not say whether an address was proven.
      emailVerified: false,
      name: user.name,
      imageUrl: object(object(user.picture).data).url,
      raw: user,
    });
  },
};
