import { passkeyApp } from '../../base/passkey-app.ts';
import type { Context } from '../context.ts';
import { isTrustedOrigin } from '../return-urls.ts';

/**
 * Whose passkeys these are: the configured name, or the host this surface answers on (core map F10). Null: the
 * application's, which is known when its browser answers.
 */
export const relyingPartyId = (ctx: Context): string | null =>
  ctx.surface.passkeys.relyingParty === 'application'
    ? null
    : (ctx.project.policy.passkeys.rpId ?? new URL(ctx.surfaceUrl).hostname);

/** The name a response has to be for. @param origin what `ceremonyOrigin` found */
export const relyingPartyOf = (started: string | null, origin: string): string => started ?? new URL(origin).hostname;

/**
 * The origin a ceremony ran on, as the browser wrote it into the signed client data; null when it is not one of ours
 * (WebAuthn Level 3 §7.1 step 9, §7.2 step 12).
 */
export function ceremonyOrigin(ctx: Context, response: unknown): string | null {
  const { origin } = clientData(response);
  if (typeof origin !== 'string') return null;
  return isTrustedOrigin(ctx, origin) || isApp(ctx, origin) ? origin : null;
}

/** Android signs for the application, by the certificate of its package. Apple signs for the web origin. */
const isApp = ({ project }: Context, origin: string): boolean =>
  project.policy.passkeys.apps.some((text) => {
    const app = passkeyApp(text);
    return app?.platform === 'android' && app.origin === origin;
  });

/** The challenge that a response says it answers; empty when it names none. Which one it signed is verified with it. */
export function ceremonyChallenge(response: unknown): string {
  const { challenge } = clientData(response);
  return typeof challenge === 'string' ? challenge : '';
}

/** What the browser says of the ceremony (WebAuthn Level 3 §5.8.1); empty when it cannot be read. */
function clientData(response: unknown): { readonly origin?: unknown; readonly challenge?: unknown } {
  const text = (response as { response?: { clientDataJSON?: unknown } } | null)?.response?.clientDataJSON;
  if (typeof text !== 'string' || text.length > 8192) return {};
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) ?? {};
  } catch {
    return {};
  }
}

/** The credential a response speaks of; empty when it names none. */
export function credentialIdOf(response: unknown): string {
  const id = (response as { id?: unknown } | null)?.id;
  return typeof id === 'string' && id.length <= 1400 ? id : '';
}
