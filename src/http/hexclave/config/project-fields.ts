import { type Static, Type } from 'typebox';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';
import { Fields, OneOf, url } from '../schemas.ts';
import { permissionPaths } from './default-permissions.ts';

const flag = () => Type.Optional(Type.Boolean());
const permissions = () => Type.Optional(Type.Array(Fields({ id: Type.String() })));

/** The fields of a project's configuration that its administrators write (spec §4.3). */
export const configFields = Fields({
  sign_up_enabled: flag(),
  credential_enabled: flag(),
  magic_link_enabled: flag(),
  passkey_enabled: flag(),
  client_team_creation_enabled: flag(),
  create_team_on_sign_up: flag(),
  client_user_deletion_enabled: flag(),
  allow_user_api_keys: flag(),
  allow_team_api_keys: flag(),
  allow_localhost: flag(),
  require_email_verification: flag(),
  oauth_account_merge_strategy: Type.Optional(OneOf('link_method', 'raise_error', 'allow_duplicates')),
  domains: Type.Optional(Type.Array(Fields({ domain: url(), handler_path: Type.String() }))),
  oauth_providers: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String({ minLength: 1, maxLength: 63 }),
        type: OneOf('shared', 'standard'),
        client_id: Type.Optional(Type.String()),
        client_secret: Type.Optional(Type.String()),
        facebook_config_id: Type.Optional(Type.String()),
        microsoft_tenant_id: Type.Optional(Type.String()),
      }),
    ),
  ),
  team_creator_default_permissions: permissions(),
  team_member_default_permissions: permissions(),
  user_default_permissions: permissions(),
  email_config: Type.Optional(Type.Object({ type: OneOf('shared', 'standard') }, { additionalProperties: true })),
  email_theme: Type.Optional(Type.String()),
});
type Given = Partial<Static<typeof configFields>>;

const flags = {
  sign_up_enabled: 'auth.allowSignUp',
  credential_enabled: 'auth.password.allowSignIn',
  magic_link_enabled: 'auth.otp.allowSignIn',
  passkey_enabled: 'auth.passkey.allowSignIn',
  client_team_creation_enabled: 'teams.allowClientTeamCreation',
  create_team_on_sign_up: 'teams.createPersonalTeamOnSignUp',
  client_user_deletion_enabled: 'users.allowClientUserDeletion',
  allow_user_api_keys: 'apiKeys.enabled.user',
  allow_team_api_keys: 'apiKeys.enabled.team',
  allow_localhost: 'domains.allowLocalhost',
  require_email_verification: 'onboarding.requireEmailVerification',
  oauth_account_merge_strategy: 'auth.oauth.accountMergeStrategy',
} as const;

const defaultPermissions = {
  team_creator_default_permissions: 'teamCreator',
  team_member_default_permissions: 'teamMember',
  user_default_permissions: 'signUp',
} as const;

/** What the fields mean as configuration: paths that are replaced whole, and what they hold then. */
export function overridesOf(given: Given): {
  readonly replaced: readonly string[];
  readonly overrides: ConfigOverrides;
} {
  const replaced: string[] = [];
  const overrides: Record<string, unknown> = {};
  for (const [field, path] of Object.entries(flags)) {
    const value = given[field as keyof typeof flags];
    if (value !== undefined) overrides[path] = value;
  }
  if (given.domains) {
    replaced.push('domains.trustedDomains');
    given.domains.forEach(({ domain, handler_path }, at) => {
      const name = `domains.trustedDomains.d${String(at + 1).padStart(3, '0')}`;
      overrides[`${name}.baseUrl`] = domain;
      overrides[`${name}.handlerPath`] = handler_path;
    });
  }
  if (given.oauth_providers) {
    replaced.push('auth.oauth.providers');
    for (const provider of given.oauth_providers) Object.assign(overrides, providerPaths(provider));
  }
  for (const [field, set] of Object.entries(defaultPermissions)) {
    const ids = given[field as keyof typeof defaultPermissions];
    if (!ids) continue;
    replaced.push(`rbac.defaultPermissions.${set}`);
    const names = ids.map(({ id }) => id);
    Object.assign(overrides, permissionPaths(set, names));
  }
  return { replaced, overrides };
}

function providerPaths(provider: NonNullable<Given['oauth_providers']>[number]): ConfigOverrides {
  const name = `auth.oauth.providers.${provider.id}`;
  return {
    [`${name}.type`]: provider.id,
    [`${name}.isShared`]: provider.type === 'shared',
    [`${name}.allowSignIn`]: true,
    [`${name}.allowConnectedAccounts`]: true,
    ...(provider.client_id !== undefined && { [`${name}.clientId`]: provider.client_id }),
    ...(provider.client_secret !== undefined && { [`${name}.clientSecret`]: provider.client_secret }),
    ...(provider.facebook_config_id !== undefined && { [`${name}.facebookConfigId`]: provider.facebook_config_id }),
    ...(provider.microsoft_tenant_id !== undefined && { [`${name}.microsoftTenantId`]: provider.microsoft_tenant_id }),
  };
}
