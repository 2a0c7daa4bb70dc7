import { profileOf, text } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const reddit: ProviderKind = {
  displayName: 'Reddit',
  scopes: ['identity'],
  server: () => ({
    issuer: 'https://www.reddit.com',
    authorization_endpoint: 'https://www.reddit.com/api/v1/authorize',
    token_endpoint: 'https://www.reddit.com/api/v1/access_token',
    userinfo_endpoint: 'https://oauth.reddit.com/api/v1/me',
  }),
  pkce: false,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'basic',
  // Without it there is no refresh token.
  parameters: () => ({ duration: 'permanent' }),
  tellsAddress: false,
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    return profileOf({
      subject: user.id,
      name: user.name,
      // The query is a signature that runs out.
      imageUrl: text(user.icon_img)?.split('?', 1)[0],
      raw: user,
    });
  },
};
