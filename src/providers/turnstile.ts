import type { BotChallenge } from '../core/users/bot-challenge.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

/** Cloudflare Turnstile's server-side verification. `url` is the service's unless a test or a mirror stands in. */
export const turnstile = (
  fetch: GuardedFetch,
  config: { readonly secret: string; readonly url: string },
): BotChallenge => ({
  async verify({ token, action, ip, isOwnHost }) {
    try {
      const form = new URLSearchParams({
        secret: config.secret,
        response: token,
        ...(ip !== null && { remoteip: ip }),
      });
      const response = await fetch(config.url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
      });
      const said = (await response.json()) as Record<string, unknown>;
      if (said.success !== true) return false;
      if (typeof said.action === 'string' && said.action !== '' && said.action !== action) return false;
      return typeof said.hostname !== 'string' || said.hostname === '' || isOwnHost(said.hostname);
    } catch {
      return false;
    }
  },
});
