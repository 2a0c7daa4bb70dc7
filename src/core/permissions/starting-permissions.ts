import { Refusal, refuse } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import type { Policy } from '../policy.ts';
import { type ConfigOverrides, configLevels } from '../projects/project-record.ts';
import type { Tx } from '../store.ts';
import { findNamed } from './definitions.ts';
import type { GrantScope } from './grant-graph.ts';

/** Lists of what people start with, and where their permissions hold: founders and members of an organization, everybody. */
export const startingSets = { teamCreator: 'organization', teamMember: 'organization', signUp: 'project' } as const;
export type StartingSet = keyof typeof startingSets;

/** Paths of the configuration that put a name into a list, without the name (hexclave spec §8). */
export const startingPath = (set: StartingSet): string => `rbac.defaultPermissions.${set}.`;

/** What each list holds by the policy; null where it leaves the choice to the version. */
const listed = ({ organizations, users }: Policy): Readonly<Record<StartingSet, readonly string[] | null>> => ({
  teamCreator: organizations.creatorGrants,
  teamMember: organizations.memberGrants,
  signUp: users.signUpGrants,
});

/**
 * Names that a change puts into a list have to be permissions that can be granted there. Names that stood there before
 * are left alone, so that an old mistake does not keep other changes out.
 * @returns role_not_found for the first that is not, with the scope where it is one, if any
 */
export async function refuseUnknownStart(
  reads: Parameters<typeof findNamed>[0],
  before: Policy,
  after: Policy,
): Promise<Refusal | null> {
  const had = listed(before);
  const has = listed(after);
  for (const [set, scope] of Object.entries(startingSets) as [StartingSet, GrantScope][]) {
    for (const name of has[set] ?? []) {
      if (had[set]?.includes(name)) continue;
      const found = await findNamed(reads, scope, name);
      if (found instanceof Refusal) return found;
    }
  }
  return null;
}

/**
 * Lists follow a permission that gets another name, and forget one that is removed. Administrators take turns, so that
 * nobody puts the old name into a list meanwhile.
 * @param to null: it is removed
 * @returns whether any level of the configuration changed: then the project has to be read again after the commit
 * @throws Refusal role_held when the operator's file names it, which nothing here can change
 */
export async function renameInStart(ctx: Context, tx: Tx, from: string, to: string | null): Promise<boolean> {
  const levels = await tx.project.overrides();
  let changed = false;
  for (const level of configLevels) {
    const next = renamed(levels[level], from, to);
    if (next === null) continue;
    await tx.project.setOverrides(level, next, ctx.clock.now());
    changed = true;
  }
  const names = (policy: Policy) => Object.values(listed(policy)).some((list) => list?.includes(from));
  if (!changed && !names(ctx.project.policy)) return false;
  const rehearsed = await ctx.directory.rehearse(ctx.project.id, tx);
  // Thrown, not returned: the levels stay as they were.
  if (rehearsed && names(rehearsed.policy)) throw refuse('role_held', { field: from });
  return changed;
}

/** Null: the level does not name it. */
function renamed(overrides: ConfigOverrides, from: string, to: string | null): ConfigOverrides | null {
  const next: Record<string, unknown> = { ...overrides };
  let named = false;
  for (const set of Object.keys(startingSets) as StartingSet[]) {
    const path = startingPath(set) + from;
    if (!Object.hasOwn(next, path)) continue;
    named = true;
    if (to !== null) next[startingPath(set) + to] = next[path];
    delete next[path];
  }
  return named ? next : null;
}
