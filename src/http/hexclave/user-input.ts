import { type Static, Type } from 'typebox';
import type { JsonValue } from '../../base/json.ts';
import { Refusal } from '../../base/refusal.ts';
import type { PersonEdit } from '../../core/users/edit-user.ts';
import type { RestrictionEdit } from '../../core/users/restriction.ts';
import type { SignUpRecord } from '../../core/users/sign-up-record.ts';
import type { HexclaveCall } from './call.ts';
import { imageInput, imageOf } from './image-input.ts';
import { anyJson, base64, email, Fields, maxNote, Nullable, newPassword, uuid } from './schemas.ts';
import { riskScores } from './user-wire.ts';
import { text, type WireError } from './wire-error.ts';

const flag = () => Type.Optional(Type.Boolean());

const clientFields = {
  display_name: Type.Optional(Nullable(Type.String({ maxLength: 256 }))),
  profile_image_url: imageInput(),
  client_metadata: Type.Optional(anyJson()),
  selected_team_id: Type.Optional(Nullable(uuid())),
  totp_secret_base64: Type.Optional(Nullable(base64())),
  primary_email: Type.Optional(Nullable(email())),
  otp_auth_enabled: flag(),
  passkey_auth_enabled: flag(),
};

const moreForServers = {
  client_read_only_metadata: Type.Optional(anyJson()),
  server_metadata: Type.Optional(anyJson()),
  primary_email_verified: flag(),
  primary_email_auth_enabled: flag(),
  password: Type.Optional(Nullable(newPassword())),
  password_hash: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
  restricted_by_admin: flag(),
  restricted_by_admin_reason: Type.Optional(Nullable(Type.String({ maxLength: maxNote }))),
  restricted_by_admin_private_details: Type.Optional(Nullable(Type.String({ maxLength: maxNote }))),
  country_code: Type.Optional(Nullable(Type.String({ pattern: '^[A-Za-z]{2}$' }))),
  risk_scores: Type.Optional(riskScores()),
};

/** What clients may change about themselves (spec §2.8). */
export const userEdit = Fields(clientFields);
/** What the project's server may change about anybody (spec §4.1). */
export const serverUserEdit = Fields({
  ...clientFields,
  ...moreForServers,
  is_anonymous: Type.Optional(Type.Literal(false)),
});

const { selected_team_id: _team, passkey_auth_enabled: _passkey, ...startFields } = clientFields;
export const newUser = Fields({
  ...startFields,
  ...moreForServers,
  is_anonymous: flag(),
  oauth_providers: Type.Optional(
    Type.Array(Fields({ id: Type.String(), account_id: Type.String({ minLength: 1 }), email: Nullable(email()) })),
  ),
});

type Given = Partial<Static<typeof serverUserEdit>>;
type OfServers = Omit<Given, 'is_anonymous'>;

const secretOf = (given: string | null | undefined): Uint8Array | null | undefined =>
  typeof given === 'string' ? Buffer.from(given, 'base64') : given;

export const metadataOf = (given: unknown): JsonValue | undefined => given as JsonValue | undefined;

export function restrictionOf(given: OfServers): RestrictionEdit | undefined {
  const edit: RestrictionEdit = {
    restricted: given.restricted_by_admin,
    reason: given.restricted_by_admin_reason,
    privateDetails: given.restricted_by_admin_private_details,
  };
  return Object.values(edit).some((value) => value !== undefined) ? edit : undefined;
}

export function signUpOf({ country_code: country, risk_scores: risk }: OfServers): Partial<SignUpRecord> | undefined {
  if (country === undefined && risk === undefined) return undefined;
  return {
    ...(country !== undefined && { country: country?.toUpperCase() ?? null }),
    ...(risk && { risk: { bot: risk.sign_up.bot, freeTrialAbuse: risk.sign_up.free_trial_abuse } }),
  };
}

/** The body of PATCH in the core's words. @throws Refusal image_invalid, field_not_allowed */
export function editOf(call: HexclaveCall, given: Given): PersonEdit {
  if (given.passkey_auth_enabled) throw new Refusal('field_not_allowed', { field: 'passkeys' });
  return {
    displayName: given.display_name,
    image: given.profile_image_url === undefined ? undefined : imageOf(call, given.profile_image_url),
    metadataClient: metadataOf(given.client_metadata),
    metadataReadonly: metadataOf(given.client_read_only_metadata),
    metadataServer: metadataOf(given.server_metadata),
    selectedOrganizationId: given.selected_team_id,
    totpSecret: secretOf(given.totp_secret_base64),
    primaryEmail: given.primary_email,
    primaryEmailVerified: given.primary_email_verified,
    primaryEmailUsedForAuth: given.primary_email_auth_enabled,
    emailCodeEnabled: given.otp_auth_enabled,
    withoutPasskeys: given.passkey_auth_enabled === false,
    password: given.password,
    passwordHash: given.password_hash,
    anonymous: given.is_anonymous === false ? false : undefined,
    restriction: restrictionOf(given),
    signUp: signUpOf(given),
  };
}

const names: Readonly<Record<string, string>> = {
  primaryEmailUsedForAuth: 'primary_email_auth_enabled',
  primaryEmailVerified: 'primary_email_verified',
  reason: 'restricted_by_admin_reason',
  privateDetails: 'restricted_by_admin_private_details',
};
const methods: Readonly<Record<string, string>> = { password: 'Password', mailCode: 'OTP' };
const refusedFields: Readonly<Record<string, string>> = {
  passkeys: 'Cannot manually enable passkey auth, it is enabled iff there is a passkey auth method',
  passwordHash: 'Cannot set both password and password_hash at the same time.',
};

/** How this dialect words what is wrong with a user that is written. */
export const userRefusals = {
  email_invalid: schemaProblem('body.primary_email must be a valid email'),
  email_required: ({ field = '' }) => text(400, `${names[field]} cannot be true without primary_email`),
  restriction_required: ({ field = '' }) => text(400, `${names[field]} requires restricted_by_admin=true`),
  method_disabled: ({ field = '' }) => text(400, `${methods[field]} auth not enabled in the project`),
  field_not_allowed: ({ field = '' }) => text(400, refusedFields[field] ?? `${field} cannot be set`),
  provider_not_found: ({ given = '' }) => text(400, `OAuth provider ${given} not found`),
  anonymous_not_accepted: text(400, 'An anonymous user cannot sign in with an e-mail address. Sign up first.'),
  input_invalid: schemaProblem('body.totp_secret_base64 must be a secret of 10 to 128 bytes'),
} satisfies Record<string, WireError>;

function schemaProblem(message: string): WireError {
  return { status: 400, code: 'SCHEMA_ERROR', message, details: { message } };
}

/** What keeps a person from being erased. The wire knows no error for it. */
export const erasureRefusals = {
  organization_needs_owner: text(
    409,
    'The user is the only administrator of a team with other members. Give the team another one first.',
  ),
};
