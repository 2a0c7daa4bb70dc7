import { profileOf, text, yes } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const github: ProviderKind = {
  displayName: 'GitHub',
  scopes: ['read:user', 'user:email'],
  server: () => ({
    issuer: 'https://github.com/login/oauth',
    authorization_endpoint: 'https://github.com/login/oauth/authorize',
    token_endpoint: 'https://github.com/login/oauth/access_token',
    userinfo_endpoint: 'https://api.github.com/user',
  }),
  pkce: true,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'post',
  async profile(source) {
    const user = (await source.userinfo()) ?? {};
    // The profile's `email` is what the person chose to show; only this list says what was proven.
    const emails = await source.getList(source.config.settings.emailsEndpoint ?? 'https://api.github.com/user/emails');
    const email = emails.find((row) => yes(row.primary)) ?? emails.find((row) => yes(row.verified)) ?? null;
    return profileOf({
      subject: user.id,
      email: email?.email,
      emailVerified: yes(email?.verified),
      name: text(user.name) ?? user.login,
      imageUrl: user.avatar_url,
      raw: user,
    });
  },
};
