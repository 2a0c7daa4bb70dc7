import type { Counted } from '../../core/count-limits.ts';
import { known, schemaError, text, type WireError } from './wire-error.ts';

const codeNotFound = known(
  404,
  'VERIFICATION_CODE_NOT_FOUND',
  'The verification code does not exist for this project.',
);
const codeExpired = known(400, 'VERIFICATION_CODE_EXPIRED', 'The verification code has expired.');
const codeUsed = known(409, 'VERIFICATION_CODE_ALREADY_USED', 'The verification link has already been used.');
const wrongSignature =
  'The signature of the authentication response could not be verified with the stored public key tied to this credential ID';
const wrongPassword = known(400, 'EMAIL_PASSWORD_MISMATCH', 'Wrong e-mail or password.');
const invalidTotp = known(400, 'INVALID_TOTP_CODE', 'The TOTP code is invalid. Please try again.');
const maxAttempts = known(
  400,
  'VERIFICATION_CODE_MAX_ATTEMPTS_REACHED',
  'The verification code nonce has reached the maximum number of attempts. This code is not valid anymore.',
);

/** Whoever may not be let in learns nothing here: the answer is that of a wrong credential (core map §4). */
export const notLetIn = { user_banned: wrongPassword, user_deactivated: wrongPassword } as const;
/** The same on paths that show a code. */
export const notLetInByCode = { user_banned: codeNotFound, user_deactivated: codeNotFound } as const;

/** What is counted, as the start of a sentence. */
const limits = {
  emails: 'The contact channels of a user',
  passkeys: 'The passkeys of a user',
  identities: 'The OAuth providers of a user',
  apiKeys: 'The API keys of an owner',
  teams: 'The groups of a team',
  projects: 'The projects of a team',
  projectKeys: 'The key sets of a project',
} satisfies Record<Counted, string>;
const metadataNames: Readonly<Record<string, string>> = {
  metadataClient: 'client_metadata',
  metadataReadonly: 'client_read_only_metadata',
  metadataServer: 'server_metadata',
};

/** Sign-up, sign-in and the person (spec §1.12, second table). */
export const userErrors = {
  sign_up_disabled: known(
    400,
    'SIGN_UP_NOT_ENABLED',
    'Creation of new accounts is not enabled for this project. Please ask the project owner to enable it.',
  ),
  sign_up_rejected: known(403, 'SIGN_UP_REJECTED', "Your sign up was rejected by an administrator's sign-up rule.", {
    message: "Your sign up was rejected by an administrator's sign-up rule.",
  }),
  bot_challenge_required: known(
    409,
    'BOT_CHALLENGE_REQUIRED',
    'An additional bot challenge is required before sign-up can continue.',
  ),
  bot_challenge_failed: ({ field = 'Visible bot challenge verification failed' }) =>
    known(400, 'BOT_CHALLENGE_FAILED', field, { message: field }),
  method_disabled: known(
    400,
    'PASSWORD_AUTHENTICATION_NOT_ENABLED',
    'Password authentication is not enabled for this project.',
  ),
  email_taken: ({ given = '', holderUnverified = false }) =>
    known(
      409,
      'USER_EMAIL_ALREADY_EXISTS',
      holderUnverified
        ? `A user with email "${given}" already exists but the email is not verified. Please login to your existing account with the method you used to sign up, and then verify your email to sign in with this login method.`
        : `A user with email "${given}" already exists.`,
      { email: given, would_work_if_email_was_verified: holderUnverified },
    ),
  email_invalid: schemaError('body.email must be a valid email'),
  email_unchanged: { status: 200, text: '' },
  email_not_found: text(404, 'Contact channel not found'),
  email_already_added: text(400, 'Contact channel already exists'),
  email_not_primary: ({ given = '', allowed = [] }) =>
    known(
      400,
      'EMAIL_IS_NOT_PRIMARY_EMAIL',
      `The given e-mail (${given}) must equal the user's primary e-mail (${allowed[0] ?? ''}).`,
      { email: given, primary_email: allowed[0] ?? null },
    ),
  email_required: ({ field = '' }) => text(400, `${field} cannot be true without primary_email`),
  restriction_required: ({ field = '' }) => text(400, `${field} requires restricted_by_admin=true`),
  password_hash_unsupported: text(
    400,
    "Invalid password hash. Make sure it's a supported algorithm in Modular Crypt Format.",
  ),
  category_not_found: text(404, 'Notification category not found'),
  email_already_verified: known(409, 'EMAIL_ALREADY_VERIFIED', 'The e-mail is already verified.'),
  email_change_disabled: text(400, 'Changing the e-mail is not enabled for this project.'),
  email_not_verified: known(400, 'EMAIL_NOT_VERIFIED', 'The email is not verified.'),
  credential_rejected: wrongPassword,
  ...notLetIn,
  user_not_found: known(404, 'USER_NOT_FOUND', 'User not found.'),
  user_deletion_disabled: text(400, 'Client user deletion is not enabled for this project'),
  last_administrator: text(403, 'The project needs another administrator first.'),
  self_forbidden: text(403, 'This cannot be done to oneself.'),
  anonymous_already: text(400, 'The current user is already anonymous.'),
  user_not_anonymous: text(400, 'The current user is not anonymous.'),
  username_invalid: schemaError('The username is not valid'),
  username_too_short: schemaError('The username is too short'),
  username_too_long: schemaError('The username is too long'),
  username_taken: schemaError('The username is taken'),
  username_immutable: schemaError('The username cannot be changed'),
  display_name_invalid: schemaError('body.display_name must be at most 256 characters'),
  image_invalid: text(400, 'Invalid profile image URL'),
  image_not_set: text(400, 'Invalid profile image URL'),
  image_unreadable: text(400, 'Invalid profile image URL'),
  file_too_large: text(400, 'Invalid profile image URL'),
  file_type_refused: text(400, 'Invalid profile image URL'),
  limit_reached: ({ field = '', maxLength }) => text(403, `${limits[field as Counted]} can be at most ${maxLength}.`),
  metadata_too_large: ({ field = '', maxLength }) =>
    schemaError(`body.${metadataNames[field] ?? field} must be at most ${maxLength} bytes of JSON`),
  field_not_allowed: ({ field = '' }) => schemaError(`body contains unknown properties: ${field}`),
  field_required: ({ field = '' }) => schemaError(`${field} must be defined`),
  nothing_to_change: { status: 200, text: '' },
  password_too_short: ({ minLength = 8 }) =>
    known(400, 'PASSWORD_TOO_SHORT', `Password too short. Minimum length is ${minLength}.`, { min_length: minLength }),
  password_too_long: ({ maxLength = 70 }) =>
    known(400, 'PASSWORD_TOO_LONG', `Password too long. Maximum length is ${maxLength}.`, { maxLength }),
  password_breached: text(400, 'This password is known from a data breach. Please choose another one.'),
  password_wrong: known(400, 'PASSWORD_CONFIRMATION_MISMATCH', 'Passwords do not match.'),
  password_unchanged: text(400, 'The new password is the same.'),
  bio_invalid: schemaError('The text about the user is too long'),
  backup_codes_exhausted: invalidTotp,
  password_already_set: text(400, 'User already has a password set.'),
  password_not_set: known(
    400,
    'USER_DOES_NOT_HAVE_PASSWORD',
    'This user does not have password authentication enabled.',
  ),
  second_factor_required: ({ attempt = '' }) =>
    known(400, 'MULTI_FACTOR_AUTHENTICATION_REQUIRED', 'Multi-factor authentication is required for this user.', {
      attempt_code: attempt,
    }),
  second_factor_rejected: invalidTotp,
  pending_sign_in_not_found: codeNotFound,
  pending_sign_in_exhausted: maxAttempts,
  totp_already_active: text(400, 'Multi-factor authentication is already set up.'),
  totp_not_set_up: text(400, 'Multi-factor authentication is not set up.'),
  second_factor_not_active: text(400, 'Multi-factor authentication is not set up.'),
  mail_factor_not_set_up: text(400, 'Multi-factor authentication is not set up.'),
  passkey_not_found: known(400, 'PASSKEY_AUTHENTICATION_FAILED', 'Passkey not found'),
  passkey_rejected: ({ field, given }) => {
    const registering = field !== 'sign_in';
    const code = registering ? 'PASSKEY_REGISTRATION_FAILED' : 'PASSKEY_AUTHENTICATION_FAILED';
    const what = registering ? 'Passkey registration failed' : 'Passkey authentication failed';
    if (given === 'origin') return known(400, code, `${what} because the origin is not allowed`);
    return known(400, code, registering ? `${what} because the verification response is invalid` : wrongSignature);
  },
  passkey_challenge_missing: ({ given }) =>
    given === 'code_expired' ? codeExpired : given === 'code_used' ? codeUsed : codeNotFound,
  code_not_found: codeNotFound,
  code_expired: codeExpired,
  code_used: codeUsed,
  code_exhausted: maxAttempts,
  code_address_changed: text(400, 'Contact channel not found. Was your contact channel deleted?'),
} satisfies Record<string, WireError>;
