import { isObject, object, profileOf } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const spotify: ProviderKind = {
  displayName: 'Spotify',
  scopes: ['user-read-email'],
  server: () => ({
    issuer: 'https://accounts.spotify.com',
    authorization_endpoint: 'https://accounts.spotify.com/authorize',
    token_endpoint: 'https://accounts.spotify.com/api/token',
    userinfo_endpoint: 'https://api.spotify.com/v1/me',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'basic',
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    const images = Array.isArray(user.images) ? user.images.filter(isObject) : [];
    return profileOf({
      subject: user.id,
      email: user.email,
      // "There is no proof that it actually belongs to the user" (Spotify's reference of this field).
      emailVerified: false,
      name: user.display_name,
      imageUrl: object(images[0]).url,
      raw: user,
    });
  },
};
