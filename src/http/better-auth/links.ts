import type { LandingUrl } from '../../core/return-urls.ts';
import type { BetterAuthSettings } from './settings.ts';

type Base = Pick<BetterAuthSettings, 'baseUrl'>;

/**
 * Links in mails, with `{token}` where the token goes. They name whole addresses to go on to: whoever follows them does
 * not come from the application. Null: nobody knows where that is.
 */
export const verificationLink = (settings: Base, callbackURL: LandingUrl | null): string =>
  `${settings.baseUrl}/verify-email?token={token}&callbackURL=${encodeURIComponent(callbackURL ?? '/')}`;

export interface MagicLinkEnds {
  readonly callbackURL: LandingUrl | null;
  readonly newUserCallbackURL: LandingUrl | null;
  readonly errorCallbackURL: LandingUrl | null;
}

export function magicLink(settings: Base, ends: MagicLinkEnds): string {
  const query = new URLSearchParams({ callbackURL: ends.callbackURL ?? '/' });
  if (ends.newUserCallbackURL) query.set('newUserCallbackURL', ends.newUserCallbackURL);
  if (ends.errorCallbackURL) query.set('errorCallbackURL', ends.errorCallbackURL);
  return `${settings.baseUrl}/magic-link/verify?token={token}&${query}`;
}

/** Null: the page of this server takes the new password. */
export const resetLink = (settings: Base, redirectTo: LandingUrl | null): string =>
  `${settings.baseUrl}/reset-password/{token}?callbackURL=${encodeURIComponent(redirectTo ?? '')}`;

export const deletionLink = (settings: Base, callbackURL: LandingUrl | null): string =>
  `${settings.baseUrl}/delete-user/callback?token={token}&callbackURL=${encodeURIComponent(callbackURL ?? '/')}`;

/** The application's page for invitations, or ours. */
export const invitationLink = (settings: Pick<BetterAuthSettings, 'invitationUrl'>, pagesUrl: string): string =>
  settings.invitationUrl ?? `${pagesUrl}/-/invitation?code={token}`;

/** How a Content-Security-Policy names the place of an address; relative ones are here. */
export function formSourceOf(address: string | null | undefined): string[] {
  if (!address || address.startsWith('/')) return [];
  const url = new URL(address);
  return [url.origin === 'null' ? url.protocol : url.origin];
}

export const redirectTo = (location: LandingUrl) => ({
  status: 302,
  headers: { location, 'content-type': 'application/json' },
});
