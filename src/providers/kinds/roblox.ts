import { profileOf, text } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const roblox: ProviderKind = {
  displayName: 'Roblox',
  scopes: ['openid', 'profile'],
  server: () => ({
    issuer: 'https://apis.roblox.com/oauth/',
    authorization_endpoint: 'https://apis.roblox.com/oauth/v1/authorize',
    token_endpoint: 'https://apis.roblox.com/oauth/v1/token',
    userinfo_endpoint: 'https://apis.roblox.com/oauth/v1/userinfo',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  parameters: () => ({ prompt: 'select_account consent' }),
  tellsAddress: false,
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    return profileOf({
      subject: user.sub,
      name: text(user.nickname) ?? user.preferred_username,
      imageUrl: user.picture,
      raw: user,
    });
  },
};
