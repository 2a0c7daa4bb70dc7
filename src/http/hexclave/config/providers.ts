import type { ProviderConfig } from '../../../base/configuration.ts';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';

/** Types of providers in the configuration (spec §2.7), and what they are here. */
export const providerTypes: Readonly<Record<string, string>> = {
  ...{ google: 'google', github: 'github', microsoft: 'microsoft', spotify: 'spotify', facebook: 'facebook' },
  ...{ discord: 'discord', gitlab: 'gitlab', bitbucket: 'bitbucket', linkedin: 'linkedin', apple: 'apple' },
  ...{ x: 'twitter', twitch: 'twitch' },
};

/** As the wire spells a type. */
export const providerTypeWire = (type: string): string => (type === 'twitter' ? 'x' : type);

/**
 * What is asked for where that is not what the type asks for everywhere (spec §3.5). What sign-in itself needs stays:
 * an ID token of GitLab's, and Microsoft's word about the address.
 */
const baseScopes: Readonly<Record<string, readonly string[]>> = {
  github: ['user:email'],
  spotify: ['user-read-email', 'user-read-private'],
  gitlab: ['openid', 'email', 'profile', 'read_user'],
};

/** Where a provider answers belongs to the installation; what else an operator set belongs to the operator's client. */
const places = new Set([
  ...['authorizationEndpoint', 'tokenEndpoint', 'userinfoEndpoint', 'jwksUri', 'endSessionEndpoint', 'emailsEndpoint'],
]);

/**
 * Providers that the configuration names. One that is shared uses the operator's own client of that type; the others
 * have clients of their own, and answer where the operator says that this type answers. One that is lent is not there
 * while the operator has none of its type.
 * @param config with secrets
 * @param operators those of the main project
 * @param onProblem is told what a provider lacks to work; it is not there then
 */
export function providersOf(
  config: ConfigOverrides,
  operators: readonly ProviderConfig[],
  onProblem: (problem: string) => void,
): readonly ProviderConfig[] {
  const ids = Object.keys(config).flatMap((path) => /^auth\.oauth\.providers\.([^.]+)\.type$/.exec(path)?.[1] ?? []);
  return ids.sort().flatMap((id) => {
    const name = `auth.oauth.providers.${id}`;
    const of = (field: string): unknown => config[`${name}.${field}`];
    const words = (field: string): string | null => (typeof of(field) === 'string' ? String(of(field)) : null) || null;
    const type = providerTypes[String(of('type'))] ?? String(of('type'));
    const operator = operators.find((provider) => provider.type === type);
    const allowed = { allowSignIn: of('allowSignIn') === true, allowConnect: of('allowConnectedAccounts') === true };
    const nativeAudiences = type === 'apple' ? appleBundles(config, name) : [];
    if (of('isShared') !== false) {
      return operator ? [{ ...operator, key: id, ...allowed, shared: true, nativeAudiences }] : [];
    }
    const clientId = words('clientId') ?? nativeAudiences[0];
    const clientSecret = words('clientSecret');
    // Applications on Apple's devices sign in without a secret; no browser does.
    const nativeOnly = clientSecret === null && nativeAudiences.length > 0;
    if (!Object.values(providerTypes).includes(type)) return [];
    if (clientId === undefined || (clientSecret === null && !nativeOnly)) {
      onProblem(`${name} is not shared and has no ${clientId === undefined ? 'clientId' : 'clientSecret'}.`);
      return [];
    }
    const tenant = words('microsoftTenantId');
    const configId = words('facebookConfigId');
    const own: ProviderConfig = {
      ...{ key: id, type, displayName: null, clientIds: [clientId], clientSecret },
      ...{ issuer: operator?.issuer ?? null, scopes: baseScopes[type] ?? [], trusted: true, signUp: true },
      ...{ implicitSignUp: true, ...allowed, requireVerifiedEmail: false, refreshProfile: false },
      ...{ nativeAudiences, nativeOnly },
      settings: {
        ...Object.fromEntries(Object.entries(operator?.settings ?? {}).filter(([setting]) => places.has(setting))),
        ...(tenant !== null && { tenant }),
        ...(configId !== null && { configId }),
      },
    };
    return [own];
  });
}

/** Bundle ids of Apple applications: a list, or entries by id, as text or as `bundleId`. */
export function appleBundles(config: ConfigOverrides, provider: string): readonly string[] {
  const at = `${provider}.appleBundles`;
  const entries = Object.entries(config).filter(([path]) => path === at || path.startsWith(`${at}.`));
  return entries.flatMap(([path, value]) => {
    if (Array.isArray(value)) return value.filter((one): one is string => typeof one === 'string' && one !== '');
    return typeof value === 'string' && value !== '' && path !== at ? [value] : [];
  });
}
