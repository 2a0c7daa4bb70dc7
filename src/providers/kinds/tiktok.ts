import { object, profileOf, text } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const tiktok: ProviderKind = {
  displayName: 'TikTok',
  scopes: ['user.info.basic', 'user.info.profile'],
  server: () => ({
    issuer: 'https://www.tiktok.com',
    authorization_endpoint: 'https://www.tiktok.com/v2/auth/authorize',
    token_endpoint: 'https://open.tiktokapis.com/v2/oauth/token/',
    userinfo_endpoint:
      'https://open.tiktokapis.com/v2/user/info/?fields=open_id,avatar_large_url,display_name,username',
  }),
  pkce: false,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  // What everybody else calls `client_id`, and scopes with commas between.
  clientIdName: 'client_key',
  scopeSeparator: ',',
  // Every answer has an `error`, which says `ok`.
  userinfoRequest: () => ({ saysOk: ({ error }) => object(error).code === 'ok' }),
  tellsAddress: false,
  async profile(source) {
    const answer = (await source.userinfo()) ?? {};
    const user = object(object(answer.data).user);
    return profileOf({
      subject: user.open_id,
      name: text(user.display_name) ?? user.username,
      imageUrl: user.avatar_large_url,
      raw: user,
    });
  },
};
