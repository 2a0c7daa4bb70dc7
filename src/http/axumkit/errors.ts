import type { RefusalCode, RefusalDetail } from '../../base/refusal.ts';
import { foreignErrors } from './foreign-errors.ts';

/** One answer of the dialect: `{status, code}`, with `details` in development only (spec §1.6). */
export interface WireError {
  readonly status: number;
  readonly code: string;
}

const row = (status: number, code: string): WireError => ({ status, code });

export const badRequest = row(400, 'general:bad_request');
export const validationError = row(400, 'general:validation_error');
export const notFoundError = row(404, 'system:not_found');
/** Upstream answers 400; a fault of ours is a 500 (core map §5.3). */
export const internalError = row(500, 'system:internal_error');

const unauthorized = row(401, 'user:unauthorized');
const banned = row(403, 'user:banned');
const notPermitted = row(403, 'user:permission_insufficient');
const emailTaken = row(409, 'user:email_already_exists');
const invalidCode = row(400, 'totp:invalid_code');
const tempTokenInvalid = row(400, 'totp:temp_token_invalid');
const totpNotEnabled = row(400, 'totp:not_enabled');
const exchangeFailed = row(400, 'oauth:token_exchange_failed');
const emailNotVerified = row(400, 'oauth:email_not_verified');
const alreadyLinked = row(409, 'oauth:account_already_linked');
const rateLimited = row(429, 'rate_limit:exceeded');
const invalidVerification = row(400, 'token:invalid_verification');

/** Core's refusals in AxumKit's words (spec §1.7). Endpoints override single rows. */
export const wireErrors = {
  input_invalid: validationError,
  not_signed_in: unauthorized,
  session_expired: row(401, 'session:expired'),
  anonymous_not_accepted: unauthorized,
  session_not_fresh: row(403, 'auth:proof_required'),
  impersonated_session: row(403, 'auth:impersonated_session'),
  session_not_found: row(404, 'session:not_found'),
  csrf_failed: row(403, 'FORBIDDEN'),
  too_many_requests: rateLimited,
  temporarily_locked: rateLimited,
  busy: row(503, 'system:service_unavailable'),
  unavailable: row(503, 'system:service_unavailable'),
  method_disabled: notPermitted,
  sign_up_disabled: notPermitted,
  sign_up_rejected: notPermitted,
  bot_challenge_required: notPermitted,
  bot_challenge_failed: notPermitted,
  permission_denied: notPermitted,
  email_invalid: validationError,
  email_taken: emailTaken,
  email_unchanged: badRequest,
  email_not_found: row(404, 'user:not_found'),
  email_already_verified: row(400, 'email:already_verified'),
  email_change_disabled: notPermitted,
  username_invalid: validationError,
  username_too_short: validationError,
  username_too_long: validationError,
  username_taken: row(409, 'user:handle_already_exists'),
  username_immutable: notPermitted,
  display_name_invalid: validationError,
  bio_invalid: validationError,
  password_too_short: validationError,
  password_too_long: validationError,
  password_breached: validationError,
  password_wrong: row(401, 'user:invalid_password'),
  password_not_set: row(401, 'user:password_not_set'),
  password_unchanged: badRequest,
  credential_rejected: row(401, 'auth:invalid_credentials'),
  email_not_verified: row(401, 'user:not_verified'),
  user_banned: banned,
  user_deactivated: banned,
  user_restricted: banned,
  user_not_found: row(404, 'user:not_found'),
  user_deletion_disabled: notPermitted,
  organization_needs_owner: notPermitted,
  second_factor_rejected: invalidCode,
  pending_sign_in_not_found: tempTokenInvalid,
  pending_sign_in_exhausted: tempTokenInvalid,
  totp_already_active: row(409, 'totp:already_enabled'),
  totp_not_set_up: totpNotEnabled,
  second_factor_not_active: totpNotEnabled,
  backup_codes_exhausted: row(401, 'totp:backup_code_exhausted'),
  mail_factor_not_set_up: totpNotEnabled,
  code_not_found: invalidVerification,
  code_expired: invalidVerification,
  code_used: invalidVerification,
  code_exhausted: invalidVerification,
  code_address_changed: row(400, 'token:email_mismatch'),
  provider_not_found: notFoundError,
  provider_denied: exchangeFailed,
  provider_unavailable: exchangeFailed,
  provider_code_rejected: exchangeFailed,
  provider_profile_unusable: row(500, 'oauth:user_info_parse_failed'),
  provider_email_missing: row(500, 'oauth:user_info_parse_failed'),
  provider_email_unverified: emailNotVerified,
  provider_token_rejected: exchangeFailed,
  flow_not_found: row(400, 'oauth:invalid_state'),
  flow_in_progress: badRequest,
  sign_up_continuation_lost: row(401, 'user:token_expired'),
  sign_up_other_browser: row(401, 'user:invalid_token'),
  identity_taken: alreadyLinked,
  identity_of_provider_exists: alreadyLinked,
  identity_not_found: row(404, 'oauth:connection_not_found'),
  identity_last_method: row(400, 'oauth:cannot_unlink_last_connection'),
  identity_address_differs: emailNotVerified,
  identity_not_linkable: emailNotVerified,
  image_not_set: notFoundError,
  image_invalid: badRequest,
  image_unreadable: badRequest,
  file_type_refused: badRequest,
  file_too_large: row(400, 'file:read_error'),
  ...foreignErrors,
} satisfies Record<RefusalCode, WireError>;

/** Rows whose words depend on the detail. */
export const byField: { readonly [code in RefusalCode]?: Readonly<Record<string, WireError>> } = {
  provider_unavailable: {
    redirect_uri: row(400, 'oauth:invalid_redirect_url'),
    authorization_endpoint: row(400, 'oauth:invalid_auth_url'),
    profile: row(400, 'oauth:user_info_fetch_failed'),
  },
  provider_profile_unusable: { status: row(400, 'oauth:user_info_fetch_failed'), id_token: exchangeFailed },
};

export type Overrides = { readonly [code in RefusalCode]?: WireError };

export const wireErrorOf = (code: RefusalCode, detail: RefusalDetail, overrides: Overrides = {}): WireError =>
  overrides[code] ?? (detail.field !== undefined ? byField[code]?.[detail.field] : undefined) ?? wireErrors[code];
