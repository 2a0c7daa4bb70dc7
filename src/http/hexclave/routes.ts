import type { HexclaveEndpoint } from './endpoint.ts';
import * as anonymous from './endpoints/anonymous.ts';
import * as answeredNone from './endpoints/answered-none.ts';
import * as apiKeys from './endpoints/api-keys.ts';
import * as appleNative from './endpoints/apple-native.ts';
import * as cli from './endpoints/cli.ts';
import * as connectedAccounts from './endpoints/connected-accounts.ts';
import * as contactChannels from './endpoints/contact-channels.ts';
import * as credentialScanning from './endpoints/credential-scanning.ts';
import * as currentSession from './endpoints/current-session.ts';
import * as currentUser from './endpoints/current-user.ts';
import * as internalConfig from './endpoints/internal-config.ts';
import * as internalKeys from './endpoints/internal-keys.ts';
import * as internalProjects from './endpoints/internal-projects.ts';
import * as jwks from './endpoints/jwks.ts';
import * as mfa from './endpoints/mfa.ts';
import * as notificationPreferences from './endpoints/notification-preferences.ts';
import * as oauthAuthorize from './endpoints/oauth-authorize.ts';
import * as oauthCallback from './endpoints/oauth-callback.ts';
import * as oauthCrossDomain from './endpoints/oauth-cross-domain.ts';
import * as oauthProviders from './endpoints/oauth-providers.ts';
import * as oauthToken from './endpoints/oauth-token.ts';
import * as otp from './endpoints/otp.ts';
import * as passkeys from './endpoints/passkeys.ts';
import * as password from './endpoints/password.ts';
import * as passwordReset from './endpoints/password-reset.ts';
import * as permissionDefinitions from './endpoints/permission-definitions.ts';
import * as permissions from './endpoints/permissions.ts';
import * as projects from './endpoints/projects.ts';
import * as root from './endpoints/root.ts';
import * as sessions from './endpoints/sessions.ts';
import * as teamInvitations from './endpoints/team-invitations.ts';
import * as teamMemberProfiles from './endpoints/team-member-profiles.ts';
import * as teamMemberships from './endpoints/team-memberships.ts';
import * as teams from './endpoints/teams.ts';
import * as users from './endpoints/users.ts';
import { withResourceQueries } from './resource-query.ts';

/** Every operation of the dialect. */
export const routes: readonly HexclaveEndpoint[] = withResourceQueries(
  [
    root,
    projects,
    internalProjects,
    internalKeys,
    internalConfig,
    jwks,
    password,
    passwordReset,
    otp,
    mfa,
    cli,
    passkeys,
    sessions,
    anonymous,
    currentSession,
    currentUser,
    users,
    contactChannels,
    notificationPreferences,
    teams,
    teamMemberships,
    teamMemberProfiles,
    teamInvitations,
    permissions,
    permissionDefinitions,
    apiKeys,
    credentialScanning,
    appleNative,
    connectedAccounts,
    oauthAuthorize,
    oauthCallback,
    oauthCrossDomain,
    oauthProviders,
    oauthToken,
    answeredNone,
  ].flatMap((area) => Object.values(area).toSorted(byRoute)),
);

/** A module's exports have no order of their own. */
function byRoute(a: HexclaveEndpoint, b: HexclaveEndpoint): number {
  const [one, other] = [`${a.path} ${a.method}`, `${b.path} ${b.method}`];
  return one < other ? -1 : Number(one > other);
}
