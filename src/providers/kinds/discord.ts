import { profileOf, text, yes } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const discord: ProviderKind = {
  displayName: 'Discord',
  scopes: ['identify', 'email'],
  server: () => ({
    issuer: 'https://discord.com',
    authorization_endpoint: 'https://discord.com/api/oauth2/authorize',
    token_endpoint: 'https://discord.com/api/oauth2/token',
    userinfo_endpoint: 'https://discord.com/api/users/@me',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    const avatar = text(user.avatar);
    return profileOf({
      subject: user.id,
      email: user.email,
      emailVerified: yes(user.verified),
      name: text(user.global_name) ?? user.username,
      imageUrl: avatar && `https://cdn.discordapp.com/avatars/${user.id}/${avatar}.png`,
      raw: user,
    });
  },
};
