import { object, profileOf, text } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const twitter: ProviderKind = {
  displayName: 'X',
  scopes: ['users.read', 'tweet.read', 'offline.access', 'users.email'],
  server: () => ({
    issuer: 'https://x.com',
    authorization_endpoint: 'https://x.com/i/oauth2/authorize',
    token_endpoint: 'https://api.x.com/2/oauth2/token',
    userinfo_endpoint: 'https://api.x.com/2/users/me?user.fields=profile_image_url,confirmed_email',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'basic',
  async profile(source) {
    const user = object((await source.userinfo())?.data);
    return profileOf({
      subject: user.id,
      email: user.confirmed_email,
      emailVerified: true,
      name: text(user.name) ?? user.username,
      imageUrl: user.profile_image_url,
      raw: user,
    });
  },
};
