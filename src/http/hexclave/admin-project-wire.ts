import { Type } from 'typebox';
import type { Context } from '../../core/context.ts';
import type { StartingSet } from '../../core/permissions/starting-permissions.ts';
import type { DirectoryEntry } from '../../core/projects/directory.ts';
import { type ConfigOverrides, configLevels, type ProjectRecord } from '../../core/projects/project-record.ts';
import { readLevel } from '../../core/projects/write-config.ts';
import { startingPermissions } from './config/default-permissions.ts';
import { onlyTheme } from './config/defaults.ts';
import { appleBundles } from './config/providers.ts';
import { renderedConfig } from './config/rendered.ts';
import { projectConfigWire, publicConfigSchema } from './project-wire.ts';
import type { Texts } from './texts.ts';

const text = () => Type.Union([Type.String(), Type.Null()]);
const permissionList = Type.Array(Type.Object({ id: Type.String() }));

export const adminProject = Type.Object({
  id: Type.String(),
  display_name: Type.String(),
  description: Type.String(),
  logo_url: text(),
  logo_full_url: text(),
  logo_dark_mode_url: text(),
  logo_full_dark_mode_url: text(),
  created_at_millis: Type.Integer(),
  is_production_mode: Type.Boolean(),
  owner_team_id: text(),
  onboarding_status: Type.Literal('completed'),
  config: Type.Intersect([
    publicConfigSchema,
    Type.Object({
      create_team_on_sign_up: Type.Boolean(),
      oauth_account_merge_strategy: Type.String(),
      oauth_providers: Type.Array(Type.Object({ id: Type.String() })),
      email_config: Type.Object({ type: Type.Literal('shared') }),
      team_creator_default_permissions: permissionList,
      team_member_default_permissions: permissionList,
      user_default_permissions: permissionList,
    }),
  ]),
});

/** A project as those who administer it see it (spec §4.3). */
export async function adminProjectWire(ctx: Context, entry: DirectoryEntry, texts: Texts) {
  const record = await ctx.store.read.project.read();
  const config = await writtenConfig(ctx, entry);
  return {
    id: record.id,
    display_name: record.displayName,
    description: record.description,
    ...logosWire(record),
    created_at_millis: record.createdAt,
    is_production_mode: record.production,
    owner_team_id: record.ownerOrganizationId,
    onboarding_status: 'completed' as const,
    config: {
      ...projectConfigWire(ctx, entry, texts),
      allow_localhost: ctx.project.policy.redirects.localhost,
      create_team_on_sign_up: config['teams.createPersonalTeamOnSignUp'] === true,
      oauth_account_merge_strategy: String(config['auth.oauth.accountMergeStrategy']),
      oauth_providers: providersWire(config),
      email_config: { type: 'shared' as const },
      email_theme: onlyTheme,
      team_creator_default_permissions: startingIds(ctx, 'teamCreator'),
      team_member_default_permissions: startingIds(ctx, 'teamMember'),
      user_default_permissions: startingIds(ctx, 'signUp'),
    },
  };
}

const logosWire = ({ logoUrls }: ProjectRecord) => ({
  logo_url: logoUrls.logo ?? null,
  logo_full_url: logoUrls.logoFull ?? null,
  logo_dark_mode_url: logoUrls.logoDarkMode ?? null,
  logo_full_dark_mode_url: logoUrls.logoFullDarkMode ?? null,
});

/** What stands in all levels, secrets of the project's own providers included. */
async function writtenConfig(ctx: Context, entry: DirectoryEntry): Promise<ConfigOverrides> {
  const levels = await Promise.all(configLevels.map((level) => readLevel(ctx, level, ctx.store.read)));
  return Object.assign({}, renderedConfig(ctx, entry), ...levels);
}

function providersWire(config: ConfigOverrides) {
  const ids = Object.keys(config).flatMap((path) => /^auth\.oauth\.providers\.([^.]+)\.type$/.exec(path)?.[1] ?? []);
  return ids.sort().map((id) => {
    const of = (name: string): unknown => config[`auth.oauth.providers.${id}.${name}`];
    const shared = of('isShared') !== false;
    const names = { provider_config_id: id, id: String(of('type')) };
    if (shared) return { ...names, type: 'shared' };
    const bundles = appleBundles(config, `auth.oauth.providers.${id}`);
    return {
      ...names,
      type: 'standard',
      // The SDK reads no project in which one of them is missing.
      ...{ client_id: of('clientId') ?? '', client_secret: of('clientSecret') ?? '' },
      ...(of('facebookConfigId') !== undefined && { facebook_config_id: of('facebookConfigId') }),
      ...(of('microsoftTenantId') !== undefined && { microsoft_tenant_id: of('microsoftTenantId') }),
      ...(bundles.length > 0 && { apple_bundle_ids: bundles }),
    };
  });
}

const startingIds = ({ project }: Context, set: StartingSet): { readonly id: string }[] =>
  startingPermissions(project.policy, set).map((id) => ({ id }));
