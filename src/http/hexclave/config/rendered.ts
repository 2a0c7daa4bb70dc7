import type { Context } from '../../../core/context.ts';
import type { DirectoryEntry } from '../../../core/projects/directory.ts';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';

const mergeStrategies = { link: 'link_method', refuse: 'raise_error', duplicate: 'allow_duplicates' } as const;

/** The whole configuration: what the policy says, whoever set it, and what only this dialect knows (spec §8). */
export function renderedConfig(ctx: Context, { config }: DirectoryEntry): ConfigOverrides {
  const { policy } = ctx.project;
  return {
    'auth.signUpRulesDefaultAction': 'allow',
    ...config,
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
