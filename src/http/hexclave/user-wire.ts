import type { Context } from '../../core/context.ts';
import type { Person } from '../../core/users/user.ts';
import { restrictedReason } from '../../core/users/user-status.ts';

/** The user as clients see them (spec §2.8). */
export async function userWire(ctx: Context, person: Person) {
  const reason = restrictedReason(ctx, person);
  const password = await ctx.store.read.passwords.find(person.id);
  return {
    id: person.id,
    primary_email: person.email?.value ?? null,
    primary_email_verified: person.email !== null && person.email.verifiedAt !== null,
    display_name: person.displayName,
    profile_image_url: person.imageUrl,
    client_metadata: person.metadataClient,
    client_read_only_metadata: person.metadataReadonly,
    signed_up_at_millis: person.signedUpAt,
    selected_team_id: person.selectedOrganizationId,
    selected_team: null,
    is_anonymous: person.anonymous,
    is_restricted: reason !== null,
    restricted_reason: reason === null ? null : { type: reason },
    restricted_by_admin: person.restrictedAt !== null,
    restricted_by_admin_reason: person.restrictedReason,
    has_password: password !== null,
    auth_with_email: password !== null || person.emailCodeEnabled,
    otp_auth_enabled: person.emailCodeEnabled,
    passkey_auth_enabled: false,
    requires_totp_mfa: person.factors.totp || person.factors.mailCode,
    oauth_providers: [],
  };
}
