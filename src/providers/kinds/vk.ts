import { joined, object, profileOf } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const vk: ProviderKind = {
  displayName: 'VK',
  scopes: ['email'],
  server: () => ({
    issuer: 'https://id.vk.com',
    authorization_endpoint: 'https://id.vk.com/authorize',
    token_endpoint: 'https://id.vk.com/oauth2/auth',
    userinfo_endpoint: 'https://id.vk.com/oauth2/user_info',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  // The browser brings it back beside the code, and the code is worth nothing without it.
  sendsDeviceId: true,
  userinfoRequest: (config, accessToken) => ({
    method: 'POST',
    form: { access_token: accessToken, client_id: config.clientIds[0]! },
  }),
  async profile(source) {
    const user = object((await source.userinfo())?.user);
    return profileOf({
      subject: user.user_id,
      email: user.email,
      name: joined(user.first_name, user.last_name),
      imageUrl: user.avatar,
      raw: user,
    });
  },
};
