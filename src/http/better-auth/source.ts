import type { BetterAuthCall } from './call.ts';

/** `Origin`, else the origin of `Referer`; null when a browser hides it or there is none. */
export function sourceOf(call: BetterAuthCall): string | null {
  // Applications on a device send no Origin; Expo's client says where it is in a header of its own.
  const origin = call.header('origin') ?? call.header('expo-origin');
  if (origin === 'null') {
    return call.header('sec-fetch-site') === 'same-origin' ? new URL(call.settings.baseUrl).origin : null;
  }
  if (origin !== undefined) return origin;
  const referer = call.header('referer');
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : null;
}
