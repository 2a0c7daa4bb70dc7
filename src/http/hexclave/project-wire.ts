import { Type } from 'typebox';
import type { Context } from '../../core/context.ts';
import type { DirectoryEntry } from '../../core/projects/directory.ts';
import { trustedDomains } from './config/domains.ts';
import type { Texts } from './texts.ts';

const switches = {
  sign_up_enabled: Type.Boolean(),
  credential_enabled: Type.Boolean(),
  magic_link_enabled: Type.Boolean(),
  passkey_enabled: Type.Boolean(),
  client_team_creation_enabled: Type.Boolean(),
  client_user_deletion_enabled: Type.Boolean(),
  allow_user_api_keys: Type.Boolean(),
  allow_team_api_keys: Type.Boolean(),
};

export const publicConfigSchema = Type.Object({
  ...switches,
  enabled_oauth_providers: Type.Array(Type.Object({ id: Type.String() })),
  domains: Type.Array(Type.Object({ domain: Type.String(), handler_path: Type.String() })),
  allow_localhost: Type.Optional(Type.Boolean()),
});

/** What a client may know of the project's rules (spec §2.9). */
export function projectConfigWire(ctx: Context, project: DirectoryEntry, { legacy }: Texts) {
  const { policy } = ctx.project;
  const providers = ctx.providers
    .list()
    .filter(({ facts }) => facts.allowSignIn && !facts.nativeOnly)
    .map(({ facts }) => facts.key);
  return {
    sign_up_enabled: policy.signUp.enabled,
    credential_enabled: policy.methods.password,
    magic_link_enabled: policy.methods.mailCode,
    passkey_enabled: policy.methods.passkey,
    client_team_creation_enabled: policy.organizations.userCreation,
    client_user_deletion_enabled: policy.users.selfDeletion,
    allow_user_api_keys: policy.apiKeys.enabled && policy.apiKeys.personOwned,
    allow_team_api_keys: policy.apiKeys.enabled && policy.apiKeys.organizationOwned,
    enabled_oauth_providers: providers.sort().map((id) => ({ id })),
    domains: trustedDomains(project.config).map(({ baseUrl, handlerPath }) => ({
      domain: baseUrl,
      handler_path: handlerPath,
    })),
    ...(!legacy && { allow_localhost: policy.redirects.localhost }),
  };
}
