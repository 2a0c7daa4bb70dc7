import type { Context } from '../../../core/context.ts';
import { listPermissionDefinitions } from '../../../core/permissions/definitions.ts';
import { startingPath } from '../../../core/permissions/starting-permissions.ts';
import type { DirectoryEntry } from '../../../core/projects/directory.ts';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';
import { permissionSets, startingPermissions } from './default-permissions.ts';
import { emptySections, entryDefaults } from './defaults.ts';
import { filledFrom, nest } from './flatten.ts';

const mergeStrategies = { link: 'link_method', refuse: 'raise_error', duplicate: 'allow_duplicates' } as const;

/** The whole configuration: what the policy says, whoever set it, and what only this dialect knows (spec §8). */
export function renderedConfig(ctx: Context, { config }: DirectoryEntry): ConfigOverrides {
  const { policy } = ctx.project;
  return {
    ...Object.fromEntries(Object.entries(config).filter(([path]) => !path.startsWith('rbac.'))),
    ...startingPaths(ctx),
    'auth.signUpRulesDefaultAction': policy.signUp.defaultAction,
    'auth.allowSignUp': policy.signUp.enabled,
    'auth.password.allowSignIn': policy.methods.password,
    'auth.otp.allowSignIn': policy.methods.mailCode,
    'auth.passkey.allowSignIn': policy.methods.passkey,
    'auth.oauth.accountMergeStrategy': mergeStrategies[policy.providers.merge],
    'domains.allowLocalhost': policy.redirects.localhost,
    'teams.createPersonalTeamOnSignUp': policy.organizations.personalOnSignUp,
    'teams.allowClientTeamCreation': policy.organizations.userCreation,
    'users.allowClientUserDeletion': policy.users.selfDeletion,
    'onboarding.requireEmailVerification': policy.emailVerification === 'required',
    'apiKeys.enabled.user': policy.apiKeys.enabled && policy.apiKeys.personOwned,
    'apiKeys.enabled.team': policy.apiKeys.enabled && policy.apiKeys.organizationOwned,
    'project.requirePublishableClientKey': policy.projectKeys.publishableRequired,
  };
}

const startingPaths = ({ project }: Context): ConfigOverrides =>
  Object.fromEntries(
    permissionSets.flatMap((set) =>
      startingPermissions(project.policy, set).map((name) => [startingPath(set) + name, true]),
    ),
  );

/** The same as a tree, with permission definitions and with the defaults of what nobody wrote. */
export async function renderedTree(ctx: Context, entry: DirectoryEntry): Promise<Record<string, unknown>> {
  const tree = nest({ ...renderedConfig(ctx, entry), ...(await renderedPermissions(ctx)) });
  const whole = filledFrom(emptySections, tree);
  for (const [list, defaults] of Object.entries(entryDefaults)) {
    const branch = list.split('.').reduce((at, name) => at[name] as Record<string, unknown>, whole);
    for (const [id, item] of Object.entries(branch)) branch[id] = filledFrom(defaults, item as Record<string, unknown>);
  }
  return whole;
}

/** Permission definitions as part of it: they are written over endpoints of their own. */
export async function renderedPermissions(ctx: Context): Promise<ConfigOverrides> {
  const scopes = [
    ['team', 'organization'],
    ['project', 'project'],
  ] as const;
  const paths: Record<string, unknown> = {};
  for (const [word, scope] of scopes) {
    for (const { name, description, contains } of await listPermissionDefinitions(ctx, scope)) {
      if (name.startsWith('$')) continue;
      const path = `rbac.permissions.${name}`;
      paths[`${path}.scope`] = word;
      if (description !== null) paths[`${path}.description`] = description;
      for (const inner of contains) paths[`${path}.containedPermissionIds.${inner}`] = true;
    }
  }
  return paths;
}
