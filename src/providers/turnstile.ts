import { toldOnce } from '../base/told-once.ts';
import type { BotChallenge } from '../core/users/bot-challenge.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

/**
 * Cloudflare Turnstile's server-side verification. `url` is the service's unless a test or a mirror stands in.
 * @param onFault is told once when the service goes away
 */
export function turnstile(
  fetch: GuardedFetch,
  config: { readonly secret: string; readonly url: string },
  onFault: (what: string, fault: unknown) => void,
): BotChallenge {
  const outage = toldOnce(onFault, 'Turnstile does not answer: nobody new can sign up where it is asked');

  async function ask(token: string, ip: string | null): Promise<Readonly<Record<string, unknown>>> {
    const form = { secret: config.secret, response: token, ...(ip !== null && { remoteip: ip }) };
    const response = await fetch(config.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    if (response.status >= 500) throw new Error(`status ${response.status}`);
    return (await response.json()) as Record<string, unknown>;
  }

  return {
    async verify({ token, action, ip, isOwnHost }) {
      let said: Readonly<Record<string, unknown>>;
      try {
        said = await ask(token, ip);
        outage.isBack();
      } catch (fault) {
        outage.fault(fault);
        return 'unavailable';
      }
      if (said.success !== true) return 'no';
      if (typeof said.action === 'string' && said.action !== '' && said.action !== action) return 'no';
      const here = typeof said.hostname !== 'string' || said.hostname === '' || isOwnHost(said.hostname);
      return here ? 'yes' : 'no';
    },
  };
}
