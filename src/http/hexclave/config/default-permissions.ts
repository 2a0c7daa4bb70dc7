import { type StartingSet, startingPath } from '../../../core/permissions/starting-permissions.ts';
import type { Policy } from '../../../core/policy.ts';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';

/** What people start with when the configuration says nothing (spec §8). */
const presetPermissions = {
  teamCreator: ['team_admin'],
  teamMember: ['team_member'],
  signUp: [],
} as const satisfies Record<StartingSet, readonly string[]>;
export const permissionSets = Object.keys(presetPermissions) as StartingSet[];

/** `rbac.defaultPermissions.{set}` laid over the preset: true adds, false takes away. Null: nothing is said of it. */
export function namedPermissions(config: ConfigOverrides, set: StartingSet): readonly string[] | null {
  const prefix = startingPath(set);
  const said = Object.entries(config).filter(([path]) => path.startsWith(prefix));
  if (said.length === 0) return null;
  const names = new Set<string>(presetPermissions[set]);
  for (const [path, value] of said) {
    const name = path.slice(prefix.length);
    if (value === true) names.add(name);
    else names.delete(name);
  }
  return [...names].sort();
}

/** What people start with, whoever said so: this API, the operator's file, or nobody. */
export function startingPermissions({ organizations, users }: Policy, set: StartingSet): readonly string[] {
  const lists = {
    teamCreator: organizations.creatorGrants,
    teamMember: organizations.memberGrants,
    signUp: users.signUpGrants,
  };
  return lists[set] ?? presetPermissions[set];
}

/** Paths that make the set exactly these. */
export const permissionPaths = (set: StartingSet, names: readonly string[]): ConfigOverrides => ({
  ...Object.fromEntries(presetPermissions[set].map((name) => [startingPath(set) + name, false])),
  ...Object.fromEntries(names.map((name) => [startingPath(set) + name, true])),
});
