import { object, profileOf } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

export const notion: ProviderKind = {
  displayName: 'Notion',
  scopes: [],
  server: () => ({
    issuer: 'https://api.notion.com',
    authorization_endpoint: 'https://api.notion.com/v1/oauth/authorize',
    token_endpoint: 'https://api.notion.com/v1/oauth/token',
    userinfo_endpoint: 'https://api.notion.com/v1/users/me',
  }),
  pkce: false,
  idToken: null,
  nonce: false,
  checksIssuer: false,
  clientAuth: 'basic',
  parameters: () => ({ owner: 'user' }),
  userinfoRequest: () => ({ headers: { 'notion-version': '2022-06-28' } }),
  async profile(source) {
    // The token belongs to a bot, and the bot to whoever gave the consent.
    const bot = object((await source.userinfo())?.bot);
    const user = object(object(bot.owner).user);
    return profileOf({
      subject: user.id,
      email: object(user.person).email,
      name: user.name,
      imageUrl: user.avatar_url,
      raw: user,
    });
  },
};
