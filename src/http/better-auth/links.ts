import type { TrustedUrl } from '../../core/return-urls.ts';
import type { BetterAuthSettings } from './settings.ts';

type Base = Pick<BetterAuthSettings, 'baseUrl'>;

/** Links in mails, with `{token}` where the token goes. Return addresses were checked by the guard. */
export const verificationLink = (settings: Base, callbackURL: TrustedUrl | undefined): string =>
  `${settings.baseUrl}/verify-email?token={token}&callbackURL=${encodeURIComponent(callbackURL ?? '/')}`;

interface MagicLinkEnds {
  readonly callbackURL?: TrustedUrl;
  readonly newUserCallbackURL?: TrustedUrl;
  readonly errorCallbackURL?: TrustedUrl;
}

export function magicLink(settings: Base, ends: MagicLinkEnds): string {
  const query = new URLSearchParams({ callbackURL: ends.callbackURL || '/' });
  if (ends.newUserCallbackURL) query.set('newUserCallbackURL', ends.newUserCallbackURL);
  if (ends.errorCallbackURL) query.set('errorCallbackURL', ends.errorCallbackURL);
  return `${settings.baseUrl}/magic-link/verify?token={token}&${query}`;
}

export const resetLink = (settings: Base, redirectTo: TrustedUrl | undefined): string =>
  `${settings.baseUrl}/reset-password/{token}?callbackURL=${encodeURIComponent(redirectTo ?? '')}`;

export const deletionLink = (settings: Base, callbackURL: TrustedUrl | undefined): string =>
  `${settings.baseUrl}/delete-user/callback?token={token}&callbackURL=${encodeURIComponent(callbackURL ?? '/')}`;

/** The application's page for invitations, or ours. */
export const invitationLink = (settings: Pick<BetterAuthSettings, 'invitationUrl'>, pagesUrl: string): string =>
  settings.invitationUrl ?? `${pagesUrl}/-/invitation?code={token}`;

/** How a Content-Security-Policy names the place of a checked address; relative ones are here. */
export function formSourceOf(address: TrustedUrl | null | undefined): string[] {
  if (!address || address.startsWith('/')) return [];
  const url = new URL(address);
  return [url.origin === 'null' ? url.protocol : url.origin];
}

export const redirectTo = (location: TrustedUrl) => ({
  status: 302,
  headers: { location, 'content-type': 'application/json' },
});
