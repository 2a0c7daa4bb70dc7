import type { RefusalCode, RefusalDetail } from '../../base/refusal.ts';
import { maxMetadataBytes } from '../../core/metadata.ts';
import { adminErrors, adminErrorsByField } from './admin-errors.ts';
import { apiKeyErrors, apiKeyErrorsByField } from './api-key-errors.ts';
import { foreignErrors } from './foreign-errors.ts';

/** One answer of the dialect: `{message, code}` with a status (spec §1.2). */
export interface WireError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Query value where this is told by redirect; the code itself when absent. */
  readonly redirect?: string;
}

const row = (status: number, code: string, message: string, redirect?: string): WireError => ({
  status,
  code,
  message,
  ...(redirect !== undefined && { redirect }),
});

const unauthorized = row(401, 'UNAUTHORIZED', 'Unauthorized');
const invalidToken = row(400, 'INVALID_TOKEN', 'Invalid token');
const banned = row(
  403,
  'BANNED_USER',
  'You have been banned from this application. Please contact support if you believe this is an error.',
);

/** Core's refusals in Better Auth's words. Endpoints override single rows. */
export const wireErrors = {
  input_invalid: row(400, 'VALIDATION_ERROR', 'Validation Error'),
  limit_reached: row(403, 'LIMIT_REACHED', 'You have reached the maximum number of these.'),
  metadata_too_large: row(
    400,
    'VALIDATION_ERROR',
    `The metadata or additional fields are too large: at most ${maxMetadataBytes} bytes of JSON`,
  ),
  not_signed_in: unauthorized,
  session_expired: unauthorized,
  session_not_fresh: row(403, 'SESSION_NOT_FRESH', 'Session is not fresh'),
  impersonated_session: row(403, 'IMPERSONATED_SESSION', 'This cannot be done while impersonating a user'),
  session_not_found: row(400, 'SESSION_NOT_FOUND', 'Session not found'),
  csrf_failed: row(403, 'INVALID_ORIGIN', 'Invalid origin'),
  return_url_untrusted: row(403, 'INVALID_CALLBACK_URL', 'Invalid callbackURL'),
  too_many_requests: row(429, 'TOO_MANY_REQUESTS', 'Too many requests. Please try again later.'),
  busy: row(503, 'SERVICE_UNAVAILABLE', 'The server is busy. Please try again later.'),
  unavailable: row(503, 'SERVICE_UNAVAILABLE', 'The server cannot answer at the moment. Please try again later.'),
  method_disabled: row(400, 'EMAIL_PASSWORD_DISABLED', 'Email and password is not enabled'),
  sign_up_disabled: row(
    400,
    'EMAIL_PASSWORD_SIGN_UP_DISABLED',
    'Email and password sign up is not enabled',
    'signup_disabled',
  ),
  sign_up_rejected: row(403, 'SIGN_UP_REJECTED', 'Sign up was rejected'),
  bot_challenge_required: row(403, 'CAPTCHA_REQUIRED', 'A captcha is required'),
  bot_challenge_failed: row(403, 'CAPTCHA_FAILED', 'Captcha verification failed'),
  field_not_allowed: row(400, 'FIELD_NOT_ALLOWED', 'Field is not allowed to be set'),
  field_required: row(400, 'MISSING_FIELD', 'Field is required'),
  nothing_to_change: row(400, 'NO_FIELDS_TO_UPDATE', 'No fields to update'),
  email_invalid: row(400, 'INVALID_EMAIL', 'Invalid email'),
  email_taken: row(
    422,
    'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL',
    'User already exists. Use another email.',
    'account_not_linked',
  ),
  email_unchanged: row(400, 'EMAIL_IS_THE_SAME', 'Email is the same'),
  email_not_found: row(400, 'EMAIL_MISMATCH', 'Email mismatch'),
  email_already_verified: row(400, 'EMAIL_ALREADY_VERIFIED', 'Email is already verified'),
  email_change_disabled: row(400, 'CHANGE_EMAIL_DISABLED', 'Change email is disabled'),
  username_invalid: row(400, 'INVALID_USERNAME', 'Username is invalid'),
  username_too_short: row(400, 'USERNAME_TOO_SHORT', 'Username is too short'),
  username_too_long: row(400, 'USERNAME_TOO_LONG', 'Username is too long'),
  username_taken: row(400, 'USERNAME_IS_ALREADY_TAKEN', 'Username is already taken. Please try another.'),
  username_immutable: row(400, 'USERNAME_IS_IMMUTABLE', 'Username cannot be updated'),
  display_name_invalid: row(400, 'VALIDATION_ERROR', '[body.name] Invalid name'),
  image_invalid: row(400, 'VALIDATION_ERROR', '[body.image] Invalid image'),
  password_too_short: row(400, 'PASSWORD_TOO_SHORT', 'Password too short'),
  password_too_long: row(400, 'PASSWORD_TOO_LONG', 'Password too long'),
  password_breached: row(
    400,
    'PASSWORD_COMPROMISED',
    'The password you entered has been compromised. Please choose a different password.',
  ),
  password_wrong: row(400, 'INVALID_PASSWORD', 'Invalid password'),
  password_not_set: row(400, 'CREDENTIAL_ACCOUNT_NOT_FOUND', 'Credential account not found'),
  credential_rejected: row(401, 'INVALID_EMAIL_OR_PASSWORD', 'Invalid email or password'),
  email_not_verified: row(403, 'EMAIL_NOT_VERIFIED', 'Email not verified', 'email_not_verified'),
  user_banned: banned,
  user_deactivated: row(403, 'BANNED_USER', 'This account has been deactivated.'),
  user_restricted: row(403, 'BANNED_USER', 'This account is restricted.'),
  anonymous_not_accepted: unauthorized,
  anonymous_already: row(
    400,
    'ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY',
    'Anonymous users cannot sign in again anonymously',
  ),
  user_not_anonymous: row(403, 'USER_IS_NOT_ANONYMOUS', 'User is not anonymous'),
  user_not_found: row(404, 'USER_NOT_FOUND', 'User not found'),
  user_deletion_disabled: row(404, 'NOT_FOUND', 'Not found'),
  last_administrator: row(
    403,
    'YOU_CANNOT_LEAVE_THE_PROJECT_WITHOUT_AN_ADMINISTRATOR',
    'You cannot leave the project without an administrator',
  ),
  self_forbidden: row(400, 'YOU_CANNOT_REMOVE_YOURSELF', 'You cannot remove yourself'),
  permission_denied: row(403, 'YOU_ARE_NOT_ALLOWED_TO_DO_THIS', 'You are not allowed to do this'),
  role_not_found: row(
    400,
    'YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE',
    'You are not allowed to set a non-existent role value',
  ),
  second_factor_rejected: row(401, 'INVALID_CODE', 'Invalid code'),
  pending_sign_in_not_found: row(401, 'INVALID_TWO_FACTOR_COOKIE', 'Invalid two factor cookie'),
  pending_sign_in_exhausted: row(
    400,
    'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE',
    'Too many attempts. Please request a new code.',
  ),
  temporarily_locked: row(
    429,
    'ACCOUNT_TEMPORARILY_LOCKED',
    'Too many failed verification attempts. Your account is temporarily locked. Please try again later.',
  ),
  totp_already_active: row(400, 'TOTP_ALREADY_ENABLED', 'TOTP is already enabled'),
  totp_not_set_up: row(400, 'TOTP_NOT_ENABLED', 'TOTP not enabled'),
  second_factor_not_active: row(400, 'TWO_FACTOR_NOT_ENABLED', "Two factor isn't enabled"),
  backup_codes_exhausted: row(401, 'INVALID_BACKUP_CODE', 'Invalid backup code'),
  mail_factor_not_set_up: row(400, 'OTP_NOT_CONFIGURED', 'OTP is not available'),
  passkey_not_found: row(404, 'PASSKEY_NOT_FOUND', 'Passkey not found'),
  passkey_rejected: row(400, 'AUTHENTICATION_FAILED', 'Authentication failed'),
  passkey_challenge_missing: row(400, 'CHALLENGE_NOT_FOUND', 'Challenge not found'),
  code_not_found: invalidToken,
  code_expired: row(400, 'INVALID_TOKEN', 'Invalid token', 'TOKEN_EXPIRED'),
  code_used: invalidToken,
  code_exhausted: row(400, 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE', 'Too many attempts. Please request a new code.'),
  code_address_changed: invalidToken,
  provider_not_found: row(404, 'PROVIDER_NOT_FOUND', 'Provider not found', 'oauth_provider_not_found'),
  provider_scope_refused: row(400, 'BAD_REQUEST', 'additionalParams contains a reserved parameter'),
  provider_denied: row(400, 'ACCESS_DENIED', 'The provider refused', 'access_denied'),
  provider_unavailable: row(400, 'INVALID_CODE', 'The provider could not be reached', 'invalid_code'),
  provider_code_rejected: row(400, 'INVALID_CODE', 'Invalid code', 'invalid_code'),
  provider_profile_unusable: row(401, 'FAILED_TO_GET_USER_INFO', 'Failed to get user info', 'unable_to_get_user_info'),
  provider_email_missing: row(401, 'USER_EMAIL_NOT_FOUND', 'User email not found', 'email_not_found'),
  provider_email_unverified: row(403, 'EMAIL_NOT_VERIFIED', 'Email not verified', 'email_not_verified'),
  provider_token_rejected: row(401, 'INVALID_TOKEN', 'Invalid token'),
  provider_token_unavailable: row(400, 'FAILED_TO_GET_ACCESS_TOKEN', 'Failed to get a valid access token'),
  provider_refresh_unsupported: row(
    400,
    'TOKEN_REFRESH_NOT_SUPPORTED',
    'The provider does not support token refreshing.',
  ),
  provider_rejected_refresh: row(400, 'FAILED_TO_REFRESH_ACCESS_TOKEN', 'Failed to refresh access token'),
  flow_not_found: row(400, 'STATE_MISMATCH', 'State mismatch', 'state_mismatch'),
  identity_taken: row(
    409,
    'SOCIAL_ACCOUNT_ALREADY_LINKED',
    'Social account already linked',
    'account_already_linked_to_different_user',
  ),
  identity_not_found: row(400, 'ACCOUNT_NOT_FOUND', 'Account not found'),
  identity_last_method: row(400, 'FAILED_TO_UNLINK_LAST_ACCOUNT', "You can't unlink your last account"),
  identity_address_differs: row(
    401,
    'LINKING_DIFFERENT_EMAILS_NOT_ALLOWED',
    'Account not linked - different emails not allowed',
    'email_does_not_match',
  ),
  identity_not_linkable: row(
    401,
    'LINKING_NOT_ALLOWED',
    'Account not linked - linking not allowed',
    'unable_to_link_account',
  ),
  organization_creation_disabled: row(
    403,
    'YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION',
    'You are not allowed to create a new organization',
  ),
  organization_limit_reached: row(
    403,
    'YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS',
    'You have reached the maximum number of organizations',
  ),
  slug_taken: row(400, 'ORGANIZATION_SLUG_ALREADY_TAKEN', 'Organization slug already taken'),
  organization_deletion_disabled: row(404, 'ORGANIZATION_DELETION_DISABLED', 'Organization deletion is disabled'),
  organization_not_found: row(400, 'ORGANIZATION_NOT_FOUND', 'Organization not found'),
  organization_required: row(400, 'NO_ACTIVE_ORGANIZATION', 'No active organization'),
  not_a_member: row(403, 'USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION', 'User is not a member of the organization'),
  organization_permission_denied: row(403, 'YOU_ARE_NOT_ALLOWED_TO_DO_THIS', 'You are not allowed to do this'),
  member_not_found: row(400, 'MEMBER_NOT_FOUND', 'Member not found'),
  role_not_grantable: row(
    403,
    'YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER',
    'You are not allowed to update this member',
  ),
  organization_needs_owner: row(
    400,
    'YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER',
    'You cannot leave the organization as the only owner',
  ),
  already_a_member: row(
    400,
    'USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION',
    'User is already a member of this organization',
  ),
  membership_limit_reached: row(403, 'ORGANIZATION_MEMBERSHIP_LIMIT_REACHED', 'Organization membership limit reached'),
  already_invited: row(
    400,
    'USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION',
    'User is already invited to this organization',
  ),
  invitation_limit_reached: row(403, 'INVITATION_LIMIT_REACHED', 'Invitation limit reached'),
  invitation_not_found: row(400, 'INVITATION_NOT_FOUND', 'Invitation not found'),
  invitation_not_yours: row(
    403,
    'YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION',
    'You are not the recipient of the invitation',
  ),
  invitation_needs_verified_email: row(
    403,
    'EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION',
    'Email verification required before accepting or rejecting invitation',
  ),
  inviter_left: row(
    400,
    'INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION',
    'Inviter is no longer a member of the organization',
  ),
  teams_disabled: row(404, 'NOT_FOUND', 'Not found'),
  team_not_found: row(400, 'TEAM_NOT_FOUND', 'Team not found'),
  team_required: row(400, 'YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM', 'You do not have an active team'),
  not_a_team_member: row(403, 'USER_IS_NOT_A_MEMBER_OF_THE_TEAM', 'User is not a member of the team'),
  team_is_last: row(400, 'UNABLE_TO_REMOVE_LAST_TEAM', 'Unable to remove last team'),
  team_is_active: row(403, 'YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM', 'You are not allowed to delete this team'),
  dynamic_roles_disabled: row(404, 'NOT_FOUND', 'Not found'),
  role_key_taken: row(400, 'ROLE_NAME_IS_ALREADY_TAKEN', 'That role name is already taken'),
  role_built_in: row(400, 'CANNOT_DELETE_A_PRE_DEFINED_ROLE', 'Cannot delete a pre-defined role'),
  role_held: row(
    400,
    'ROLE_IS_ASSIGNED_TO_MEMBERS',
    'Cannot delete a role that is assigned to members. Please reassign the members to a different role first',
  ),
  role_limit_reached: row(400, 'TOO_MANY_ROLES', 'This organization has too many roles'),
  permission_unknown: row(400, 'INVALID_RESOURCE', 'The provided permission includes an invalid resource'),
  ...adminErrors,
  ...apiKeyErrors,
  ...foreignErrors,
} satisfies Record<RefusalCode, WireError>;

/** Rows whose words depend on the detail. */
export const byField: { readonly [code in RefusalCode]?: Readonly<Record<string, WireError>> } = {
  ...adminErrorsByField,
  ...apiKeyErrorsByField,
  return_url_untrusted: {
    redirectTo: row(403, 'INVALID_REDIRECT_URL', 'Invalid redirectURL'),
    errorCallbackURL: row(403, 'INVALID_ERROR_CALLBACK_URL', 'Invalid errorCallbackURL'),
    newUserCallbackURL: row(403, 'INVALID_NEW_USER_CALLBACK_URL', 'Invalid newUserCallbackURL'),
  },
  csrf_failed: {
    missing: row(403, 'MISSING_OR_NULL_ORIGIN', 'Missing or null Origin'),
    cross_site: row(
      403,
      'CROSS_SITE_NAVIGATION_LOGIN_BLOCKED',
      'Cross-site navigation login blocked. This request appears to be a CSRF attack.',
    ),
  },
  display_name_invalid: {
    usernameDisplay: row(400, 'INVALID_DISPLAY_USERNAME', 'Display username is invalid'),
  },
  second_factor_rejected: { backup_code: row(401, 'INVALID_BACKUP_CODE', 'Invalid backup code') },
  second_factor_not_active: {
    backup_codes: row(400, 'BACKUP_CODES_NOT_ENABLED', "Backup codes aren't enabled"),
  },
  passkey_not_found: {
    sign_in: row(401, 'PASSKEY_NOT_FOUND', 'Passkey not found'),
    foreign: row(401, 'YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY', 'You are not allowed to register this passkey'),
  },
  passkey_rejected: {
    registration: row(400, 'FAILED_TO_VERIFY_REGISTRATION', 'Failed to verify registration'),
    user: row(401, 'YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY', 'You are not allowed to register this passkey'),
  },
  team_not_found: { reserved_character: row(400, 'INVALID_TEAM_ID', 'Team id contains a reserved character') },
  code_not_found: { user: row(401, 'INVALID_USER', 'Invalid user') },
  flow_not_found: {
    state: row(400, 'STATE_NOT_FOUND', 'State not found', 'state_not_found'),
    issuer: row(400, 'ISSUER_MISMATCH', 'Issuer mismatch', 'issuer_mismatch'),
  },
  provider_code_rejected: { code: row(400, 'NO_CODE', 'No code', 'no_code') },
  provider_token_rejected: { provider: row(404, 'ID_TOKEN_NOT_SUPPORTED', 'id_token not supported') },
  provider_refresh_unsupported: {
    refreshToken: row(400, 'REFRESH_TOKEN_NOT_FOUND', 'Refresh token not found'),
  },
};

type Overrides = { readonly [code in RefusalCode]?: WireError };

/** The row that answers a refusal: the endpoint's own, the one for its field, the table's. */
export function wireErrorOf(code: RefusalCode, detail: RefusalDetail, overrides: Overrides = {}): WireError {
  const own = overrides[code];
  if (own) {
    // Upstream names the roles in the message, after the code.
    const named = own.code === 'ROLE_NOT_FOUND' && detail.field !== undefined;
    return named ? { ...own, message: `${own.code}: ${detail.field}` } : own;
  }
  const special = detail.field === undefined ? undefined : byField[code]?.[detail.field];
  if (special) return special;
  if (code === 'field_not_allowed' && detail.field === 'email') {
    return row(400, 'EMAIL_CAN_NOT_BE_UPDATED', 'Email can not be updated');
  }
  if (code === 'field_not_allowed' && detail.field !== undefined) {
    return row(400, 'FIELD_NOT_ALLOWED', `${detail.field} is not allowed to be set`);
  }
  if (code === 'field_required' && detail.field !== undefined) {
    return row(400, 'MISSING_FIELD', `${detail.field} is required`);
  }
  return wireErrors[code];
}

/** Codes as servers of the 1.2 era derived them from their messages (spec §1.14). */
const derivedCodes: Readonly<Record<string, string>> = {
  INVALID_CALLBACK_URL: 'INVALID_CALLBACKURL',
  INVALID_REDIRECT_URL: 'INVALID_REDIRECTURL',
  INVALID_ERROR_CALLBACK_URL: 'INVALID_ERRORCALLBACKURL',
  INVALID_NEW_USER_CALLBACK_URL: 'INVALID_NEWUSERCALLBACKURL',
  ORGANIZATION_SLUG_ALREADY_TAKEN: 'SLUG_IS_TAKEN',
  TWO_FACTOR_NOT_ENABLED: 'TWO_FACTOR_ISNT_ENABLED',
  BACKUP_CODES_NOT_ENABLED: 'BACKUP_CODES_ARENT_ENABLED',
  FAILED_TO_UNLINK_LAST_ACCOUNT: 'YOU_CANT_UNLINK_YOUR_LAST_ACCOUNT',
  USERNAME_TOO_SHORT: 'USERNAME_IS_TOO_SHORT',
  USERNAME_TOO_LONG: 'USERNAME_IS_TOO_LONG',
  INVALID_USERNAME: 'USERNAME_IS_INVALID',
  USERNAME_IS_ALREADY_TAKEN: 'USERNAME_IS_ALREADY_TAKEN_PLEASE_TRY_ANOTHER',
  SESSION_EXPIRED: 'SESSION_EXPIRED_REAUTHENTICATE_TO_PERFORM_THIS_ACTION',
  SESSION_NOT_FRESH: 'SESSION_IS_NOT_FRESH',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'USER_ALREADY_EXISTS',
  CHANGE_EMAIL_DISABLED: 'CHANGE_EMAIL_IS_DISABLED',
  KEY_NOT_FOUND: 'API_KEY_NOT_FOUND',
  KEY_DISABLED: 'API_KEY_IS_DISABLED',
  KEY_EXPIRED: 'API_KEY_HAS_EXPIRED',
  USAGE_EXCEEDED: 'API_KEY_HAS_REACHED_ITS_USAGE_LIMIT',
  UNAUTHORIZED_SESSION: 'UNAUTHORIZED_OR_INVALID_SESSION',
  INVALID_NAME_LENGTH: 'THE_NAME_LENGTH_IS_EITHER_TOO_LARGE_OR_TOO_SMALL',
  INVALID_PREFIX_LENGTH: 'THE_PREFIX_LENGTH_IS_EITHER_TOO_LARGE_OR_TOO_SMALL',
  INVALID_REMAINING: 'THE_REMAINING_COUNT_IS_EITHER_TOO_LARGE_OR_TOO_SMALL',
  EXPIRES_IN_IS_TOO_SMALL: 'THE_EXPIRESIN_IS_SMALLER_THAN_THE_PREDEFINED_MINIMUM_VALUE',
  EXPIRES_IN_IS_TOO_LARGE: 'THE_EXPIRESIN_IS_LARGER_THAN_THE_PREDEFINED_MAXIMUM_VALUE',
  METADATA_DISABLED: 'METADATA_IS_DISABLED',
  SERVER_ONLY_PROPERTY: 'THE_PROPERTY_YOURE_TRYING_TO_SET_CAN_ONLY_BE_SET_FROM_THE_SERVER_AUTH_INSTANCE_ONLY',
  NO_VALUES_TO_UPDATE: 'NO_VALUES_TO_UPDATE',
  TOKEN_EXPIRED: 'token_expired',
  INVALID_USER: 'unauthorized',
};

const derivedRedirects: Readonly<Record<string, string>> = {
  INVALID_TOKEN: 'invalid_token',
  USER_NOT_FOUND: 'user_not_found',
  BANNED_USER: 'banned',
  state_mismatch: 'please_restart_the_process',
};

export type CodeSpelling = 'keyed' | 'derived';

export const spellCode = (code: string, spelling: CodeSpelling): string =>
  spelling === 'keyed' ? code : (derivedCodes[code] ?? code);

/** `?error=` of a redirect. */
export function redirectCode(error: WireError, spelling: CodeSpelling): string {
  const code = error.redirect ?? error.code;
  return spelling === 'keyed' ? code : (derivedRedirects[code] ?? derivedCodes[code] ?? code);
}
