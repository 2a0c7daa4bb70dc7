import { object, profileOf } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const kick: ProviderKind = {
  displayName: 'Kick',
  scopes: ['user:read'],
  server: () => ({
    issuer: 'https://id.kick.com',
    authorization_endpoint: 'https://id.kick.com/oauth/authorize',
    token_endpoint: 'https://id.kick.com/oauth/token',
    userinfo_endpoint: 'https://api.kick.com/public/v1/users',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  async profile(source) {
    const list = (await source.userinfo())?.data;
    const user = object(Array.isArray(list) ? list[0] : undefined);
    return profileOf({
      subject: user.user_id,
      email: user.email,
      name: user.name,
      imageUrl: user.profile_picture,
      raw: user,
    });
  },
};
