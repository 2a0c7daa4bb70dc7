import { homePath, isTrustedOrigin, type LandingUrl, landingUrl, type TrustedUrl } from '../../core/return-urls.ts';
import type { Answer } from '../kit/answer.ts';
import type { BetterAuthCall } from './call.ts';
import { type MagicLinkEnds, redirectTo } from './links.ts';
import { sourceOf } from './source.ts';

/** A checked return address as a place of the application; null when nobody knows where that is. */
export const landing = (call: BetterAuthCall, url: TrustedUrl | null | undefined): LandingUrl | null =>
  landingUrl(call.ctx, askingOrigin(call), url || homePath);

/** The same where leaving it out means something else. */
export const landingIfGiven = (call: BetterAuthCall, url: TrustedUrl | null | undefined): LandingUrl | null =>
  url ? landing(call, url) : null;

/** The browser goes on to the application; where that is unknown, it is shown a page of ours. */
export function goOn(call: BetterAuthCall, url: TrustedUrl | null | undefined, ours: () => Answer): Answer {
  const target = landing(call, url);
  return target === null ? ours() : redirectTo(target);
}

export interface GivenEnds {
  readonly callbackURL?: TrustedUrl;
  readonly newUserCallbackURL?: TrustedUrl;
  readonly errorCallbackURL?: TrustedUrl;
}

export const landingsOf = (call: BetterAuthCall, given: GivenEnds): MagicLinkEnds => ({
  callbackURL: landing(call, given.callbackURL),
  newUserCallbackURL: landingIfGiven(call, given.newUserCallbackURL),
  errorCallbackURL: landingIfGiven(call, given.errorCallbackURL),
});

/** The web page that asks. One of ours hides its origin, and is no place of the application. */
function askingOrigin(call: BetterAuthCall): string | null {
  if (call.header('origin') === 'null') return null;
  const source = sourceOf(call);
  return source !== null && /^https?:/.test(source) && isTrustedOrigin(call.ctx, source) ? source : null;
}
