import type { FastifyRequest } from 'fastify';
import type { Refusal, RefusalCode } from '../../base/refusal.ts';

/**
 * What keeps somebody out who wants in: operators are asked about these, so they are in the log of every day. The others
 * (a form filled in wrongly, a session that is not there) are part of normal use.
 */
const keepsOut: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  ...(['credential_rejected', 'password_wrong', 'temporarily_locked', 'too_many_requests'] as const),
  ...(['email_not_verified', 'user_banned', 'user_deactivated', 'user_restricted', 'anonymous_not_accepted'] as const),
  ...(['second_factor_rejected', 'pending_sign_in_not_found', 'pending_sign_in_exhausted'] as const),
  ...(['passkey_rejected', 'passkey_challenge_missing', 'passkey_not_found'] as const),
  ...(['code_not_found', 'code_expired', 'code_used', 'code_exhausted', 'code_address_changed'] as const),
  ...(['sign_up_disabled', 'sign_up_rejected', 'bot_challenge_required', 'bot_challenge_failed'] as const),
  ...(['method_disabled', 'password_hash_unsupported', 'impersonation_forbidden'] as const),
  ...(['provider_denied', 'provider_unavailable', 'provider_code_rejected', 'provider_profile_unusable'] as const),
  ...(['provider_email_missing', 'provider_email_unverified', 'provider_token_rejected', 'flow_not_found'] as const),
  ...(['identity_not_linkable', 'client_rejected', 'grant_rejected', 'redirect_uri_rejected'] as const),
  ...(['refresh_token_rejected', 'project_key_rejected', 'admin_token_rejected'] as const),
  ...(['api_key_rejected', 'api_key_disabled', 'api_key_expired', 'api_key_rate_limited'] as const),
]);

/**
 * Who was refused what, and why. What they showed is not in it: addresses are theirs, the rest is secret. The kit calls it
 * for what is thrown; who makes a redirect or a page of a refusal calls it there.
 */
export function logRefusal(request: FastifyRequest, { code, detail }: Refusal, surface: string): void {
  const facts = {
    ...{ request: request.id, surface, route: request.routeOptions.url ?? 'unknown', refusal: code },
    ...(detail.why !== undefined && { why: detail.why }),
    ...(detail.person !== undefined && { user: detail.person }),
    ip: request.clientAddress,
  };
  // A limit at the front is met by floods, which the log is not to pass on.
  if (keepsOut.has(code) && detail.field !== 'front') request.log.info(facts, 'refused');
  else request.log.debug(facts, 'refused');
}
