import { cookieLine } from '../kit/cookies.ts';
import type { BetterAuthCall } from './call.ts';
import type { BetterAuthEndpoint } from './endpoint.ts';

/** The client looks for exactly this name, whatever prefix other cookies have. */
const cookieName = 'better-auth.last_used_login_method';
const lifeSeconds = 30 * 86_400;

const methods: Readonly<Record<string, string>> = {
  '/sign-in/email': 'email',
  '/sign-up/email': 'email',
  '/sign-in/username': 'username',
  '/sign-in/email-otp': 'email-otp',
  '/magic-link/verify': 'magic-link',
  '/passkey/verify-authentication': 'passkey',
};

/** How this answer signs somebody in; null: it does not. */
function methodOf(call: BetterAuthCall, { path }: BetterAuthEndpoint): string | null {
  if (path === '/callback/:provider') return (call.params as { readonly provider: string }).provider;
  if (path === '/sign-in/social') return (call.body as { readonly provider: string }).provider;
  return methods[path] ?? null;
}

/** Tells the application, on whose sign-in page it stands, how this browser signed in last. It proves nothing. */
export function keepLastMethod(call: BetterAuthCall, endpoint: BetterAuthEndpoint): void {
  const method = (call.newSession || call.challenged) && methodOf(call, endpoint);
  if (method) call.addCookie(cookieLine(cookieName, method, call.signed.attributes, lifeSeconds, { readable: true }));
}
