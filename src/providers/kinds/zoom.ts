import { joined, profileOf, text, yes } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const zoom: ProviderKind = {
  displayName: 'Zoom',
  scopes: [],
  server: () => ({
    issuer: 'https://zoom.us',
    authorization_endpoint: 'https://zoom.us/oauth/authorize',
    token_endpoint: 'https://zoom.us/oauth/token',
    userinfo_endpoint: 'https://api.zoom.us/v2/users/me',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    return profileOf({
      subject: user.id,
      email: user.email,
      emailVerified: yes(user.verified),
      name: text(user.display_name) ?? joined(user.first_name, user.last_name),
      imageUrl: user.pic_url,
      raw: user,
    });
  },
};
