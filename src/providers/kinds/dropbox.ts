import { object, profileOf, yes } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const dropbox: ProviderKind = {
  displayName: 'Dropbox',
  scopes: ['account_info.read'],
  server: () => ({
    issuer: 'https://www.dropbox.com',
    authorization_endpoint: 'https://www.dropbox.com/oauth2/authorize',
    token_endpoint: 'https://api.dropboxapi.com/oauth2/token',
    userinfo_endpoint: 'https://api.dropboxapi.com/2/users/get_current_account',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  // Without it there is no refresh token.
  parameters: () => ({ token_access_type: 'offline' }),
  userinfoRequest: () => ({ method: 'POST' }),
  async profile(source) {
    const account = (await source.userinfo()) ?? {};
    return profileOf({
      subject: account.account_id,
      email: account.email,
      emailVerified: yes(account.email_verified),
      name: object(account.name).display_name,
      imageUrl: account.profile_photo_url,
      raw: account,
    });
  },
};
