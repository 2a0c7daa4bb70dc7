import type { PolicyOverrides } from '../../../base/configuration.ts';
import type { StartingSet } from '../../../core/permissions/starting-permissions.ts';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';
import type { SignUpRule } from '../../../core/users/judge-sign-up.ts';
import { namedPermissions, permissionSets } from './default-permissions.ts';
import { originOf, trustedDomains } from './domains.ts';

/** One value of the configuration to policy keys. */
type Rule = (value: unknown) => PolicyOverrides;

const flag =
  (...keys: readonly string[]): Rule =>
  (value) =>
    typeof value === 'boolean' ? Object.fromEntries(keys.map((key) => [key, value])) : {};

const mergeStrategies: Readonly<Record<string, string>> = {
  link_method: 'link',
  raise_error: 'refuse',
  allow_duplicates: 'duplicate',
};

/** Paths of the configuration (spec §8) in the words of the core's policy. */
const rules: Readonly<Record<string, Rule>> = {
  'auth.allowSignUp': flag('signUp.enabled'),
  'auth.password.allowSignIn': flag('methods.password'),
  'auth.otp.allowSignIn': flag('methods.mailCode', 'methods.mailLink'),
  'auth.passkey.allowSignIn': flag('methods.passkey'),
  'auth.oauth.accountMergeStrategy': (value) => {
    const merge = mergeStrategies[String(value)];
    return merge ? { 'providers.merge': merge } : {};
  },
  'auth.signUpRulesDefaultAction': (value) => ({ 'signUp.defaultAction': value === 'reject' ? 'reject' : 'allow' }),
  'domains.allowLocalhost': flag('redirects.localhost'),
  'teams.createPersonalTeamOnSignUp': flag('organizations.personalOnSignUp'),
  'teams.allowClientTeamCreation': flag('organizations.userCreation'),
  'users.allowClientUserDeletion': flag('users.selfDeletion'),
  'onboarding.requireEmailVerification': (value) => ({ emailVerification: value === true ? 'required' : 'optional' }),
  'apiKeys.enabled.user': flag('apiKeys.personOwned'),
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
  const entrance = signUpRules(config);
  return {
    ...Object.fromEntries(policy),
    ...startingGrants(config),
    ...(entrance.length > 0 && { 'signUp.rules': entrance }),
    ...(origins.length > 0 && { 'redirects.origins': origins }),
  };
}

const grantKeys: Readonly<Record<StartingSet, string>> = {
  teamCreator: 'organizations.creatorGrants',
  teamMember: 'organizations.memberGrants',
  signUp: 'users.signUpGrants',
};

/** What founders, members and everybody start with (spec §3.12). */
function startingGrants(config: ConfigOverrides): PolicyOverrides {
  const sets = permissionSets.map((set) => [grantKeys[set], namedPermissions(config, set)] as const);
  return Object.fromEntries(sets.filter(([, names]) => names !== null));
}

/** Those that are switched on (spec §3.1). */
const signUpRules = (config: ConfigOverrides): readonly SignUpRule[] =>
  ruleIds(config).flatMap((id) => {
    if (config[`auth.signUpRules.${id}.enabled`] !== true) return [];
    return [
      {
        id,
        priority: Number(config[`auth.signUpRules.${id}.priority`] ?? 0),
        condition: conditionOf(config, id),
        action: (config[`auth.signUpRules.${id}.action.type`] ?? 'allow') as SignUpRule['action'],
      },
    ];
  });

/** Conditions of all rules by id, also of those that are off; null holds for everybody. */
export const conditionsIn = (config: ConfigOverrides): ReadonlyMap<string, string | null> =>
  new Map(ruleIds(config).map((id) => [id, conditionOf(config, id)]));

const ruleIds = (config: ConfigOverrides): readonly string[] =>
  [...new Set(Object.keys(config).flatMap((path) => /^auth\.signUpRules\.([^.]+)\./.exec(path)?.[1] ?? []))].sort();

function conditionOf(config: ConfigOverrides, id: string): string | null {
  const condition = config[`auth.signUpRules.${id}.condition`];
  return typeof condition === 'string' && condition !== '' ? condition : null;
}
