import type { ConfigOverrides } from '../../../core/projects/project-record.ts';
import { originOf } from './domains.ts';
import { providerTypes } from './providers.ts';

type Check = (value: unknown) => string | null;

const flag: Check = (value) => (typeof value === 'boolean' ? null : 'must be a `boolean` type');
const words: Check = (value) => (typeof value === 'string' ? null : 'must be a `string` type');
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string) ? null : `must be one of the following values: ${values.join(', ')}`;
const whole: Check = (value) => (Number.isInteger(value) ? null : 'must be an integer');
const list: Check = (value) => (Array.isArray(value) ? null : 'must be a `array` type');
const baseUrl: Check = (value) => {
  if (typeof value !== 'string' || value.length > 300) return 'must be at most 300 characters';
  if (!/^https?:\/\//.test(value)) return 'URL must start with http:// or https://';
  return originOf(value) === null ? 'is not a valid URL' : null;
};

const id = '[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62}';
const path = (text: string): RegExp => new RegExp(`^${text.replaceAll('.', '\\.').replaceAll('{id}', id)}$`);

/** The configuration that means something here (spec §8). What else there is, is kept and given back. */
const known: readonly (readonly [RegExp, Check])[] = [
  [path('auth.allowSignUp'), flag],
  [path('auth.password.allowSignIn'), flag],
  [path('auth.otp.allowSignIn'), flag],
  [path('auth.passkey.allowSignIn'), flag],
  [path('auth.oauth.accountMergeStrategy'), oneOf('link_method', 'raise_error', 'allow_duplicates')],
  [path('auth.oauth.providers.{id}.type'), oneOf(...Object.keys(providerTypes))],
  [/^auth\.oauth\.providers\.[^.]+\.(?:isShared|allowSignIn|allowConnectedAccounts)$/, flag],
  [/^auth\.oauth\.providers\.[^.]+\.(?:clientId|clientSecret|facebookConfigId|microsoftTenantId)$/, words],
  [path('auth.signUpRules.{id}.enabled'), flag],
  [path('auth.signUpRules.{id}.displayName'), words],
  [path('auth.signUpRules.{id}.priority'), whole],
  [path('auth.signUpRules.{id}.condition'), words],
  [path('auth.signUpRules.{id}.action.type'), oneOf('allow', 'reject', 'restrict', 'log')],
  [path('auth.signUpRules.{id}.action.message'), words],
  [path('auth.signUpRulesDefaultAction'), oneOf('allow', 'reject')],
  [path('domains.allowLocalhost'), flag],
  [path('domains.trustedDomains.{id}.baseUrl'), baseUrl],
  [path('domains.trustedDomains.{id}.handlerPath'), words],
  [path('teams.createPersonalTeamOnSignUp'), flag],
  [path('teams.allowClientTeamCreation'), flag],
  [path('users.allowClientUserDeletion'), flag],
  [path('onboarding.requireEmailVerification'), flag],
  [path('apiKeys.enabled.user'), flag],
  [path('apiKeys.enabled.team'), flag],
  [path('project.requirePublishableClientKey'), flag],
  [/^rbac\.defaultPermissions\.(?:teamCreator|teamMember|signUp)\.\$?[a-z0-9_:]+$/, flag],
  [/^auth\.oauth\.providers\.[^.]+\.appleBundles(?:\.[^.]+)*$/, (value) => words(value) && flag(value) && list(value)],
];

/** Sections whose paths are all known: a misspelt one would be forgotten in silence. */
const closed = /^(?:auth|domains|teams|users|onboarding|apiKeys|project|rbac)(?:\.|$)/;
const open = /^(?:apps|analytics|dataVault|dbSync|emails|payments|sourceOfTruth|workflows)(?:\.|$)/;

/** What is wrong with overrides, a line for each; none when they may be written. */
export function configProblems(overrides: ConfigOverrides): readonly string[] {
  return Object.entries(overrides).flatMap(([name, value]) => {
    const check = known.find(([pattern]) => pattern.test(name))?.[1];
    // Null removes a path, also one that leads to a branch.
    if (value === null && (closed.test(name) || open.test(name))) return [];
    if (check) {
      const problem = check(value);
      return problem === null ? [] : [`${name} ${problem}`];
    }
    if (/^rbac\.permissions(?:\.|$)/.test(name)) return [`${name} is set over the permission definition endpoints`];
    return open.test(name) ? [] : [`${name} is not a known configuration path`];
  });
}
