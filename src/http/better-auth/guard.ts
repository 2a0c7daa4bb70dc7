import { Refusal } from '../../base/refusal.ts';
import { checkReturnUrl, isTrustedOrigin } from '../../core/return-urls.ts';
import type { BetterAuthCall } from './call.ts';
import { sourceOf } from './source.ts';

/** Fields of bodies and queries that name a place to go back to (spec §1.9). */
export const returnFields = ['callbackURL', 'redirectTo', 'errorCallbackURL', 'newUserCallbackURL'] as const;

/** Sign-in and sign-up by form work without cookies, so they are checked without them too. */
const formPaths = new Set([
  '/sign-in/email',
  '/sign-up/email',
  '/sign-in/magic-link',
  '/magic-link/verify',
  '/verify-email',
  '/delete-user/callback',
  '/new-link',
  '/email-otp/send-verification-otp',
]);

/** Origin, cross-site and return-address checks, before anything else looks at the request (spec §1.9). */
export function guard(call: BetterAuthCall, path: string): void {
  const reads = call.request.method === 'GET' || call.request.method === 'HEAD';
  if (!reads && !path.startsWith('/callback/')) checkSource(call, path);
  checkReturnFields(call);
}

function checkSource(call: BetterAuthCall, path: string): void {
  if (call.header('cookie') !== undefined) {
    requireTrusted(call, sourceOf(call));
    return;
  }
  if (!formPaths.has(path)) return;
  const site = call.header('sec-fetch-site');
  const mode = call.header('sec-fetch-mode');
  if (site === 'cross-site' && mode === 'navigate') throw new Refusal('csrf_failed', { field: 'cross_site' });
  const source = sourceOf(call);
  // Every browser that sends fetch metadata says which site it is on; Node's own fetch sends a mode and nothing else.
  // A hidden one (`null`) is a browser's, too: of a sandbox, or after a redirect.
  if (site !== undefined || call.header('origin') !== undefined || source !== null) requireTrusted(call, source);
}

function requireTrusted(call: BetterAuthCall, source: string | null): void {
  if (source === null) throw new Refusal('csrf_failed', { field: 'missing' });
  if (!isTrustedOrigin(call.ctx, source)) throw new Refusal('csrf_failed', { field: 'origin', why: source });
}

function checkReturnFields(call: BetterAuthCall): void {
  for (const part of [call.request.body, call.request.query]) {
    if (typeof part !== 'object' || part === null) continue;
    for (const field of returnFields) {
      const value = (part as Record<string, unknown>)[field];
      if (value === undefined || value === null || value === '') continue;
      if (typeof value !== 'string')
        throw new Refusal('input_invalid', { field: `Invalid ${field}: expected a string` });
      // What follows sees the checked address in place of the one that was sent.
      (part as Record<string, unknown>)[field] = checkReturnUrl(call.ctx, value, field);
    }
  }
}
