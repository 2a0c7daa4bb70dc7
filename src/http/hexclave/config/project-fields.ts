import { type Static, Type } from 'typebox';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';
import { Fields, OneOf, url } from '../schemas.ts';
import { permissionPaths } from './default-permissions.ts';
import { onlyTheme } from './defaults.ts';

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
      Fields({
        provider_config_id: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
        id: Type.String({ minLength: 1, maxLength: 63 }),
        type: OneOf('shared', 'standard'),
        client_id: Type.Optional(Type.String()),
        client_secret: Type.Optional(Type.String()),
        facebook_config_id: Type.Optional(Type.String()),
        microsoft_tenant_id: Type.Optional(Type.String()),
        apple_bundle_ids: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
      }),
    ),
  ),
  team_creator_default_permissions: permissions(),
  team_member_default_permissions: permissions(),
  user_default_permissions: permissions(),
  email_config: Type.Optional(Type.Object({ type: OneOf('shared', 'standard') }, { additionalProperties: true })),
  email_theme: Type.Optional(OneOf(onlyTheme)),
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

/** What is wrong with the fields beyond their form, a line for each. */
export function fieldProblems(given: Given): readonly string[] {
  const { email_config: mail, oauth_providers: providers = [] } = given;
  const names = providers.map(configId);
  return [
    // A shared server has no settings.
    ...(mail && (mail.type === 'standard' || Object.keys(mail).length > 1)
      ? ['email_config cannot be set: mail goes out through the server of the operator']
      : []),
    ...providers.flatMap((provider, at) => providerProblems(provider).map((line) => `oauth_providers[${at}].${line}`)),
    ...(new Set(names).size < names.length ? ['oauth_providers names a provider twice'] : []),
  ];
}

type GivenProvider = NonNullable<Given['oauth_providers']>[number];
const configId = ({ provider_config_id, id }: GivenProvider): string => provider_config_id ?? id;

const ownSettings = [
  'client_id',
  'client_secret',
  'facebook_config_id',
  'microsoft_tenant_id',
  'apple_bundle_ids',
] as const;

/** A client of the project's own needs id and secret; a lent one has no settings (spec §4.3). */
function providerProblems(provider: GivenProvider): readonly string[] {
  const { id, type, apple_bundle_ids: bundles = [] } = provider;
  if (type === 'shared') {
    return ownSettings
      .filter((name) => provider[name] !== undefined)
      .map((name) => `${name} cannot be set: the provider is shared`);
  }
  if (bundles.length > 0 && id !== 'apple') return ['apple_bundle_ids is for Apple only'];
  // Applications on Apple's devices sign in without either.
  if (bundles.length > 0) return [];
  return (['client_id', 'client_secret'] as const).flatMap((name) => {
    if (provider[name] === undefined) return [`${name} must be defined`];
    return provider[name] === '' ? [`${name} must not be empty`] : [];
  });
}

/**
 * What the fields mean as configuration: paths that are replaced whole, and what they hold then.
 * @param now the configuration as it stands: what the fields have no words for is kept
 */
export function overridesOf(
  given: Given,
  now: ConfigOverrides,
): {
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
    for (const provider of given.oauth_providers) Object.assign(overrides, providerPaths(provider, now));
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

function providerPaths(provider: GivenProvider, now: ConfigOverrides): ConfigOverrides {
  const name = `auth.oauth.providers.${configId(provider)}`;
  const isKnown = Object.hasOwn(now, `${name}.type`);
  const allowed = (flag: string): boolean => !isKnown || now[`${name}.${flag}`] === true;
  const { client_id, client_secret, facebook_config_id, microsoft_tenant_id, apple_bundle_ids = [] } = provider;
  const paths = {
    type: provider.id,
    isShared: provider.type === 'shared',
    allowSignIn: allowed('allowSignIn'),
    allowConnectedAccounts: allowed('allowConnectedAccounts'),
    clientId: client_id || undefined,
    clientSecret: client_secret || undefined,
    facebookConfigId: facebook_config_id,
    microsoftTenantId: microsoft_tenant_id,
    // Bundle ids hold dots, which would lead on in a path.
    ...Object.fromEntries(
      apple_bundle_ids.map((id, at) => [`appleBundles.b${String(at + 1).padStart(3, '0')}.bundleId`, id]),
    ),
  };
  const said = Object.entries(paths).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([path, value]) => [`${name}.${path}`, value]));
}
