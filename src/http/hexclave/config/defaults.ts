import type { ConfigOverrides, ProjectPreset } from '../../../core/projects/project-record.ts';

/** What a project made over the admin API starts with (spec §8; core map K1). */
const hexclave: ConfigOverrides = {
  'auth.allowSignUp': true,
  'auth.password.allowSignIn': false,
  'auth.otp.allowSignIn': false,
  'auth.passkey.allowSignIn': false,
  'auth.oauth.accountMergeStrategy': 'link_method',
  'domains.allowLocalhost': false,
  'teams.createPersonalTeamOnSignUp': false,
  'teams.allowClientTeamCreation': false,
  'users.allowClientUserDeletion': false,
  'onboarding.requireEmailVerification': false,
  'apiKeys.enabled.user': false,
  'apiKeys.enabled.team': false,
  'project.requirePublishableClientKey': false,
};

/** Configured projects start from their policy, not from here. */
export const presetConfig = (preset: ProjectPreset): ConfigOverrides => (preset === 'hexclave' ? hexclave : {});
