import { profileOf } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const figma: ProviderKind = {
  displayName: 'Figma',
  scopes: ['current_user:read'],
  server: () => ({
    issuer: 'https://www.figma.com',
    authorization_endpoint: 'https://www.figma.com/oauth',
    token_endpoint: 'https://api.figma.com/v1/oauth/token',
    userinfo_endpoint: 'https://api.figma.com/v1/me',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'basic',
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    return profileOf({
      subject: user.id,
      email: user.email,
      name: user.handle,
      imageUrl: user.img_url,
      raw: user,
    });
  },
};
