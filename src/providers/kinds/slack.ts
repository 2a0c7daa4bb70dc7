import { profileOf, text, yes } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const slack: ProviderKind = {
  displayName: 'Slack',
  scopes: ['openid', 'profile', 'email'],
  server: () => ({
    issuer: 'https://slack.com',
    authorization_endpoint: 'https://slack.com/openid/connect/authorize',
    token_endpoint: 'https://slack.com/api/openid.connect.token',
    userinfo_endpoint: 'https://slack.com/api/openid.connect.userInfo',
  }),
  pkce: false,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    return profileOf({
      subject: text(user['https://slack.com/user_id']) ?? user.sub,
      email: user.email,
      emailVerified: yes(user.email_verified),
      name: user.name,
      imageUrl: text(user.picture) ?? user['https://slack.com/user_image_512'],
      raw: user,
    });
  },
};
