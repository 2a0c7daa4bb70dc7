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

/** The theme every project has: mails look alike, whoever sends them. The id is that of the original's default theme. */
export const onlyTheme = '1df07ae6-abf3-4a40-83a5-a1a2cbe336ac';

/** Sections that are there although nobody wrote them (spec §8). */
export const emptySections = {
  auth: { oauth: { providers: {} }, signUpRules: {} },
  domains: { trustedDomains: {} },
  rbac: { permissions: {}, defaultPermissions: { teamCreator: {}, teamMember: {}, signUp: {} } },
  emails: { server: { isShared: true, provider: 'smtp' }, selectedThemeId: onlyTheme, themes: {}, templates: {} },
  payments: { testMode: true, blockNewPurchases: false, items: {}, products: {}, productLines: {} },
  apps: { installed: {} },
};

/** What an entry of a list holds where nothing is said, by the path of the list (spec §8). */
export const entryDefaults: Readonly<Record<string, object>> = {
  'auth.oauth.providers': { isShared: true, allowSignIn: false, allowConnectedAccounts: false },
  'auth.signUpRules': { enabled: false, priority: 0, action: { type: 'allow' } },
  'domains.trustedDomains': { handlerPath: '/handler' },
  'rbac.permissions': { containedPermissionIds: {} },
};

/** Configured projects start from their policy, not from here. */
export const presetConfig = (preset: ProjectPreset): ConfigOverrides => (preset === 'hexclave' ? hexclave : {});
