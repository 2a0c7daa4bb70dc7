import type { ConfigOverrides } from '../../../core/projects/project-record.ts';

/** What people start with when the configuration says nothing (spec §8). */
export const presetPermissions = {
  teamCreator: ['team_admin'],
  teamMember: ['team_member'],
  signUp: [],
} as const satisfies Record<string, readonly string[]>;
export type PermissionSet = keyof typeof presetPermissions;

const prefix = (set: PermissionSet): string => `rbac.defaultPermissions.${set}.`;

/** `rbac.defaultPermissions.{set}` laid over the preset: true adds, false takes away. Null: nothing is said of it. */
export function namedPermissions(config: ConfigOverrides, set: PermissionSet): readonly string[] | null {
  const said = Object.entries(config).filter(([path]) => path.startsWith(prefix(set)));
  if (said.length === 0) return null;
  const names = new Set<string>(presetPermissions[set]);
  for (const [path, value] of said) {
    const name = path.slice(prefix(set).length);
    if (value === true) names.add(name);
    else names.delete(name);
  }
  return [...names].sort();
}

/** Paths that make the set exactly these. */
export const permissionPaths = (set: PermissionSet, names: readonly string[]): ConfigOverrides => ({
  ...Object.fromEntries(presetPermissions[set].map((name) => [prefix(set) + name, false])),
  ...Object.fromEntries(names.map((name) => [prefix(set) + name, true])),
});
