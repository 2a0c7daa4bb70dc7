import type { BetterAuthSettings } from './settings.ts';

type Base = Pick<BetterAuthSettings, 'baseUrl'>;

/** Links in mails, with `{token}` where the token goes. Return addresses were checked by the guard. */
export const verificationLink = (settings: Base, callbackURL: string | undefined): string =>
  `${settings.baseUrl}/verify-email?token={token}&callbackURL=${encodeURIComponent(callbackURL ?? '/')}`;

interface MagicLinkEnds {
  readonly callbackURL?: string;
  readonly newUserCallbackURL?: string;
  readonly errorCallbackURL?: string;
}

export function magicLink(settings: Base, ends: MagicLinkEnds): string {
  const query = new URLSearchParams({ callbackURL: ends.callbackURL || '/' });
  if (ends.newUserCallbackURL) query.set('newUserCallbackURL', ends.newUserCallbackURL);
  if (ends.errorCallbackURL) query.set('errorCallbackURL', ends.errorCallbackURL);
  return `${settings.baseUrl}/magic-link/verify?token={token}&${query}`;
}

export const resetLink = (settings: Base, redirectTo: string | undefined): string =>
  `${settings.baseUrl}/reset-password/{token}?callbackURL=${encodeURIComponent(redirectTo ?? '')}`;

export const deletionLink = (settings: Base, callbackURL: string | undefined): string =>
  `${settings.baseUrl}/delete-user/callback?token={token}&callbackURL=${encodeURIComponent(callbackURL ?? '/')}`;

/** The application's page for invitations, or ours. */
export const invitationLink = (settings: Pick<BetterAuthSettings, 'invitationUrl'>, pagesUrl: string): string =>
  settings.invitationUrl ?? `${pagesUrl}/-/invitation?code={token}`;

/** Adds to the query of an absolute or relative address without touching the rest of it. */
export function withQuery(address: string, values: Readonly<Record<string, string>>): string {
  const [beforeHash = '', ...hash] = address.split('#');
  const added = new URLSearchParams(values).toString();
  const joined = `${beforeHash}${beforeHash.includes('?') ? '&' : '?'}${added}`;
  return hash.length === 0 ? joined : `${joined}#${hash.join('#')}`;
}

/** An absolute address: relative ones belong to the host this dialect answers on. */
export const absolute = (settings: Base, address: string): string =>
  address.startsWith('/') ? `${new URL(settings.baseUrl).origin}${address}` : address;

/** How a Content-Security-Policy names the place of a checked address; relative ones are here. */
export function formSourceOf(address: string | null | undefined): string[] {
  if (!address || address.startsWith('/')) return [];
  const url = new URL(address);
  return [url.origin === 'null' ? url.protocol : url.origin];
}

export const redirectTo = (location: string) => ({
  status: 302,
  headers: { location, 'content-type': 'application/json' },
});
