import type { PolicyOverrides, ProviderConfig } from '../../../base/configuration.ts';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';
import { originOf, trustedDomains } from './domains.ts';

/** One value of the configuration to policy keys. */
type Rule = (value: unknown) => PolicyOverrides;

const flag =
  (...keys: readonly string[]): Rule =>
  (value) =>
    typeof value === 'boolean' ? Object.fromEntries(keys.map((key) => [key, value])) : {};

/** Paths of the configuration (spec §8) in the words of the core's policy. */
const rules: Readonly<Record<string, Rule>> = {
  'auth.allowSignUp': flag('signUp.enabled'),
  'auth.password.allowSignIn': flag('methods.password'),
  'auth.otp.allowSignIn': flag('methods.mailCode', 'methods.mailLink'),
  'auth.passkey.allowSignIn': flag('methods.passkey'),
  'domains.allowLocalhost': flag('redirects.localhost'),
  'teams.allowClientTeamCreation': flag('organizations.userCreation'),
  'users.allowClientUserDeletion': flag('users.selfDeletion'),
  'onboarding.requireEmailVerification': (value) => ({ emailVerification: value === true ? 'required' : 'optional' }),
  'apiKeys.enabled.user': flag('apiKeys.enabled'),
  'apiKeys.enabled.team': flag('apiKeys.organizationOwned'),
  'project.requirePublishableClientKey': flag('projectKeys.publishableRequired'),
};

/**
 * The part of a project's configuration that is policy. What is absent stays as the policy has it; values of the wrong
 * form were refused when they were written.
 */
export function policyOf(config: ConfigOverrides): PolicyOverrides {
  const policy = Object.entries(rules).flatMap(([path, rule]) =>
    Object.hasOwn(config, path) ? Object.entries(rule(config[path])) : [],
  );
  const origins = trustedDomains(config).flatMap(({ baseUrl }) => originOf(baseUrl) ?? []);
  return { ...Object.fromEntries(policy), ...(origins.length > 0 && { 'redirects.origins': origins }) };
}

/**
 * Providers that the configuration names. One that is shared uses the operator's own client of that type.
 * @param config with secrets
 * @param shared those of the main project
 */
export function providersOf(config: ConfigOverrides, shared: readonly ProviderConfig[]): readonly ProviderConfig[] {
  const ids = Object.keys(config).flatMap((path) => /^auth\.oauth\.providers\.([^.]+)\.type$/.exec(path)?.[1] ?? []);
  return ids.sort().flatMap((id) => {
    const of = (name: string): unknown => config[`auth.oauth.providers.${id}.${name}`];
    const type = String(of('type'));
    const allowed = { allowSignIn: of('allowSignIn') === true, allowConnect: of('allowConnectedAccounts') === true };
    if (of('isShared') !== false) {
      const own = shared.find((provider) => provider.type === type);
      return own ? [{ ...own, key: id, ...allowed }] : [];
    }
    if (typeof of('clientId') !== 'string') return [];
    const tenant = of('microsoftTenantId');
    return [
      {
        ...{ key: id, type, displayName: null, clientIds: [String(of('clientId'))] },
        clientSecret: typeof of('clientSecret') === 'string' ? String(of('clientSecret')) : null,
        ...{ issuer: null, scopes: [], trusted: true, signUp: true, implicitSignUp: true, ...allowed },
        ...{ requireVerifiedEmail: false, refreshProfile: false },
        settings: { ...(typeof tenant === 'string' && { tenant }) },
      },
    ];
  });
}
