import type { ConfigOverrides } from '../../../core/projects/project-record.ts';
import { onlyTheme } from './defaults.ts';
import { originOf } from './domains.ts';
import { isEmptyBranch } from './flatten.ts';
import { providerTypes } from './providers.ts';

type Check = (value: unknown) => string | null;

const flag: Check = (value) => (typeof value === 'boolean' ? null : 'must be a `boolean` type');
const words =
  (maxLength: number, minLength = 0): Check =>
  (value) => {
    if (typeof value !== 'string') return 'must be a `string` type';
    if (value.length < minLength) return 'must not be empty';
    return value.length > maxLength ? `must be at most ${maxLength} characters` : null;
  };
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value) ? null : `must be one of the following values: ${values.join(', ')}`;
const whole: Check = (value) => (Number.isSafeInteger(value) ? null : 'must be an integer');
const texts: Check = (value) =>
  isEmptyBranch(value) || (Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== ''))
    ? null
    : 'must be a list of texts';
const baseUrl: Check = (value) => {
  if (typeof value !== 'string' || value.length > 300) return 'must be at most 300 characters';
  if (!/^https?:\/\//.test(value)) return 'URL must start with http:// or https://';
  return originOf(value) === null ? 'is not a valid URL' : null;
};
const provider = 'auth.oauth.providers.{id}';
const rule = 'auth.signUpRules.{id}';

/** The configuration that means something here (spec §8), with what each path takes. */
export const knownPaths: Readonly<Record<string, Check>> = {
  'auth.allowSignUp': flag,
  'auth.password.allowSignIn': flag,
  'auth.otp.allowSignIn': flag,
  'auth.passkey.allowSignIn': flag,
  'auth.oauth.accountMergeStrategy': oneOf('link_method', 'raise_error', 'allow_duplicates'),
  [`${provider}.type`]: oneOf(...Object.keys(providerTypes)),
  [`${provider}.isShared`]: flag,
  [`${provider}.allowSignIn`]: flag,
  [`${provider}.allowConnectedAccounts`]: flag,
  [`${provider}.clientId`]: words(1_000, 1),
  [`${provider}.clientSecret`]: words(10_000, 1),
  [`${provider}.facebookConfigId`]: words(300),
  [`${provider}.microsoftTenantId`]: words(300),
  [`${provider}.appleBundles`]: texts,
  [`${provider}.appleBundles.{id}`]: words(300, 1),
  [`${provider}.appleBundles.{id}.bundleId`]: words(300, 1),
  [`${rule}.enabled`]: flag,
  [`${rule}.displayName`]: words(1_000),
  [`${rule}.priority`]: whole,
  [`${rule}.condition`]: words(4_000),
  [`${rule}.action.type`]: oneOf('allow', 'reject', 'restrict', 'log'),
  [`${rule}.action.message`]: words(4_000),
  'auth.signUpRulesDefaultAction': oneOf('allow', 'reject'),
  'domains.allowLocalhost': flag,
  'domains.trustedDomains.{id}.baseUrl': baseUrl,
  'domains.trustedDomains.{id}.handlerPath': words(300),
  'teams.createPersonalTeamOnSignUp': flag,
  'teams.allowClientTeamCreation': flag,
  'users.allowClientUserDeletion': flag,
  'onboarding.requireEmailVerification': flag,
  'apiKeys.enabled.user': flag,
  'apiKeys.enabled.team': flag,
  'project.requirePublishableClientKey': flag,
  'rbac.defaultPermissions.{set}.{permission}': flag,
  // Mail goes out through the operator's server and looks alike: what a project can say of it is what holds.
  'emails.server.isShared': oneOf(true),
  'emails.server.provider': oneOf('smtp'),
  'emails.selectedThemeId': oneOf(onlyTheme),
  'sourceOfTruth.type': oneOf('hosted'),
};

const parts = {
  id: '[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62}',
  set: '(?:teamCreator|teamMember|signUp)',
  permission: '\\$?[a-z0-9_:]{1,63}',
};
const pattern = (path: string): RegExp =>
  new RegExp(
    `^${path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, (_, part) => parts[part as keyof typeof parts])}$`,
  );
const patterns = Object.entries(knownPaths).map(([path, check]) => [pattern(path), check] as const);

/** Kept and given back, without effect: what the original's dashboard and command line write besides. */
const open = /^(?:(?:apps|analytics|dataVault|payments|workflows)|emails\.(?:themes|templates))(?:\.|$)/;
/** Sections whose paths are all known: a misspelt one would be forgotten in silence. */
const closed = /^(?:auth|domains|teams|users|onboarding|apiKeys|project|rbac|emails|sourceOfTruth|dbSync)(?:\.|$)/;

/** Why a path that the original knows is refused here. */
const refused: readonly (readonly [RegExp, string])[] = [
  [/^rbac\.permissions(?:\.|$)/, 'is set over the permission definition endpoints'],
  [/^emails\.server(?:\.|$)/, 'cannot be set: mail goes out through the server of the operator'],
  [/^(?:sourceOfTruth|dbSync)(?:\.|$)/, 'cannot be set: people are kept in the database of the operator alone'],
];

const longestPath = 500;

/** What is wrong with overrides, a line for each; none when they may be written. */
export function configProblems(overrides: ConfigOverrides): readonly string[] {
  return Object.entries(overrides).flatMap(([name, value]) => {
    if (name.length > longestPath) return [`${name.slice(0, 100)}… is not a known configuration path`];
    // Null removes a path, also one that leads to a branch.
    if (value === null && (closed.test(name) || open.test(name))) return [];
    const check = patterns.find(([path]) => path.test(name))?.[1];
    if (check) {
      const problem = check(value);
      return problem === null ? [] : [`${name} ${problem}`];
    }
    // An empty branch says nothing.
    if (open.test(name) || (isEmptyBranch(value) && closed.test(name))) return [];
    return [`${name} ${refused.find(([path]) => path.test(name))?.[1] ?? 'is not a known configuration path'}`];
  });
}
