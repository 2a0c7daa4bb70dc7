import { Refusal } from '../../base/refusal.ts';
import { profileOf, text, yes } from '../profile-fields.ts';
import type { ProfileSource, ProviderKind } from '../provider-kind.ts';

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
    // The profile's `email` is what the person chose to show; only the list says what was proven.
    const { emails, outage } = await addresses(source);
    const email = emails.find((row) => yes(row.primary)) ?? emails.find((row) => yes(row.verified)) ?? null;
    return profileOf({
      subject: user.id,
      email: email?.email ?? user.email,
      emailVerified: yes(email?.verified),
      emailUnread: outage,
      name: text(user.name) ?? user.login,
      imageUrl: user.avatar_url,
      raw: user,
    });
  },
};

/** Applications without the scope are refused the list. Whoever is known by their id comes in all the same. */
async function addresses({ getList, config }: ProfileSource) {
  try {
    return {
      emails: await getList(config.settings.emailsEndpoint ?? 'https://api.github.com/user/emails'),
      outage: false,
    };
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    return { emails: [], outage: fault.code === 'provider_unavailable' };
  }
}
