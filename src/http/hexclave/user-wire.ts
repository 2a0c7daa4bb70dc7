import { type TSchema, Type } from 'typebox';
import type { Context } from '../../core/context.ts';
import { imageUrlOf } from '../../core/files/file-url.ts';
import { readSignUp } from '../../core/users/sign-up-record.ts';
import { hasSecondFactor, type Person } from '../../core/users/user.ts';
import { readDetails, type UserDetails } from '../../core/users/user-details.ts';
import { restrictedReason } from '../../core/users/user-status.ts';
import { anyJson, Nullable } from './schemas.ts';
import { teamSchema, teamWire } from './team-wire.ts';

const text = () => Nullable(Type.String());
const own = {
  id: Type.String(),
  primary_email: text(),
  primary_email_verified: Type.Boolean(),
  display_name: text(),
  profile_image_url: text(),
  client_metadata: anyJson(),
  client_read_only_metadata: anyJson(),
  signed_up_at_millis: Type.Integer(),
  selected_team_id: text(),
  selected_team: Nullable(teamSchema),
  is_anonymous: Type.Boolean(),
  is_restricted: Type.Boolean(),
  restricted_reason: Nullable(Type.Object({ type: Type.String() })),
  restricted_by_admin: Type.Boolean(),
  restricted_by_admin_reason: text(),
  has_password: Type.Boolean(),
  auth_with_email: Type.Boolean(),
  otp_auth_enabled: Type.Boolean(),
  passkey_auth_enabled: Type.Boolean(),
  requires_totp_mfa: Type.Boolean(),
  oauth_providers: Type.Array(Type.Object({ id: Type.String(), account_id: Type.String(), email: text() })),
} satisfies Record<string, TSchema>;

const score = () => Type.Integer({ minimum: 0, maximum: 100 });
export const riskScores = () =>
  Type.Object(
    { sign_up: Type.Object({ bot: score(), free_trial_abuse: score() }, { additionalProperties: false }) },
    { additionalProperties: false },
  );

const serverOnly = {
  primary_email_auth_enabled: Type.Boolean(),
  server_metadata: anyJson(),
  last_active_at_millis: Type.Integer(),
  restricted_by_admin_private_details: text(),
  country_code: text(),
  risk_scores: riskScores(),
} satisfies Record<string, TSchema>;

export const serverUserSchema = Type.Object({ ...own, ...serverOnly });
/** `/users/me` answers servers with more. */
export const userSchema = Type.Object({
  ...own,
  ...(Object.fromEntries(Object.entries(serverOnly).map(([name, schema]) => [name, Type.Optional(schema)])) as Record<
    string,
    TSchema
  >),
});

interface View {
  /** Also what clients never see (spec §4.1). */
  readonly server: boolean;
}

/** The user with every key of spec §2.8, and of §4.1 for servers. */
export async function userWire(ctx: Context, person: Person, view: View) {
  const [details] = await readDetails(ctx, [person]);
  return shown(ctx, person, details!, view);
}

export async function userList(ctx: Context, people: readonly Person[]) {
  const details = await readDetails(ctx, people);
  return people.map((person, at) => shown(ctx, person, details[at]!, { server: true }));
}

function shown(ctx: Context, person: Person, details: UserDetails, { server }: View) {
  const reason = restrictedReason(ctx, person);
  const { credentials, selectedOrganization: team } = details;
  return {
    id: person.id,
    primary_email: person.email?.value ?? null,
    primary_email_verified: person.email !== null && person.email.verifiedAt !== null,
    display_name: person.displayName,
    profile_image_url: imageUrlOf(ctx, person),
    client_metadata: person.metadataClient,
    client_read_only_metadata: person.metadataReadonly,
    signed_up_at_millis: person.signedUpAt,
    selected_team_id: person.selectedOrganizationId,
    selected_team: team && teamWire(ctx, team, { server }),
    is_anonymous: person.anonymous,
    is_restricted: reason !== null,
    restricted_reason: reason === null ? null : { type: reason },
    restricted_by_admin: person.restrictedAt !== null,
    restricted_by_admin_reason: person.restrictedReason,
    has_password: credentials.password,
    auth_with_email: credentials.password || person.emailCodeEnabled,
    otp_auth_enabled: person.emailCodeEnabled,
    passkey_auth_enabled: credentials.passkey,
    requires_totp_mfa: hasSecondFactor(person.factors),
    oauth_providers: credentials.identities.map(({ provider, subject, email }) => ({
      id: provider,
      account_id: subject,
      email,
    })),
    ...(server && forServers(person)),
  };
}

function forServers(person: Person) {
  const { country, risk } = readSignUp(person);
  return {
    primary_email_auth_enabled: person.email?.usedForAuth ?? false,
    server_metadata: person.metadataServer,
    last_active_at_millis: person.lastActiveAt ?? person.signedUpAt,
    restricted_by_admin_private_details: person.restrictedPrivate,
    country_code: country,
    risk_scores: { sign_up: { bot: risk.bot, free_trial_abuse: risk.freeTrialAbuse } },
  };
}
