import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import {
  builtInRoles,
  type OrganizationPermission,
  organizationPermissions,
  type PermissionBundle,
  permissionBundles,
} from '../../core/orgs/role.ts';
import type { ProjectPreset } from '../../core/projects/project-record.ts';
import type { Database } from '../schema.ts';

/** What applications call permissions of ours, and how these are described to them (hexclave spec §3.12). */
const publicNames: {
  readonly [key in OrganizationPermission | PermissionBundle]?: readonly [name: string, description: string];
} = {
  'org.update': ['$update_team', 'Update the team information'],
  'org.delete': ['$delete_team', 'Delete the team'],
  'members.read': ['$read_members', 'Read and list the other members of the team'],
  'bundle.remove_members': ['$remove_members', 'Remove other members from the team'],
  'bundle.invite_members': ['$invite_members', 'Invite other users to the team'],
  'keys.manage': ['$manage_api_keys', 'Create and manage API keys for the team'],
};

const bundles = Object.keys(permissionBundles) as PermissionBundle[];

/** What every organization of every project can give (core map O5). */
const grantables = [
  ...[...organizationPermissions, ...bundles].map((key) => ({
    key,
    kind: 'permission' as const,
    owner: 0,
    holds_all: 0,
    description: publicNames[key]?.[1] ?? null,
    hexclave_id: publicNames[key]?.[0] ?? null,
  })),
  ...builtInRoles.map(({ key, description, owner, holds, hexclaveId }) => ({
    key,
    kind: 'role' as const,
    owner: owner ? 1 : 0,
    holds_all: holds === 'all' ? 1 : 0,
    description,
    hexclave_id: hexclaveId,
  })),
];

/** What contains what, by keys. */
const contained = (preset: ProjectPreset): readonly (readonly [parent: string, child: string])[] => [
  ...bundles.flatMap((key) => permissionBundles[key].map((child) => [key, child] as const)),
  ...builtInRoles.flatMap(({ key, holds, holdsInHexclave = [] }) =>
    [...(holds === 'all' ? [] : holds), ...(preset === 'hexclave' ? holdsInHexclave : [])].map(
      (child) => [key, child] as const,
    ),
  ),
];

/** Does the project lack what this version brings? */
export async function lacksBuiltIns(db: Kysely<Database>, projectId: string): Promise<boolean> {
  const known = await builtIns(db, projectId).execute();
  return known.length < grantables.length;
}

/** Adds what is missing: also to projects made before organizations were. Runs inside a transaction. */
export async function addBuiltIns(
  db: Kysely<Database>,
  projectId: string,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Promise<void> {
  const now = clock.now();
  const times = { created_at: now, updated_at: now };
  const before = await builtIns(db, projectId).execute();
  const project = await db.selectFrom('project').select('preset').where('id', '=', projectId).executeTakeFirstOrThrow();
  await db
    .insertInto('grantable')
    .values(
      grantables.map((row) => ({
        project_id: projectId,
        id: ids.next(),
        scope: 'organization' as const,
        built_in: 1,
        ...row,
        ...times,
      })),
    )
    // Another node may start at the same moment.
    .onConflict((known) =>
      known.columns(['project_id', 'scope', 'key']).where('organization_id', 'is', null).doNothing(),
    )
    .execute();
  const all = await builtIns(db, projectId).execute();
  const idOf = (key: string) => all.find((row) => row.key === key)!.id;
  const isNew = (key: string) => !before.some((row) => row.key === key);
  // What an operator took from a role that was there stays taken; a permission that is new is given to it.
  const contents = contained(project.preset as ProjectPreset)
    .filter(([parent, child]) => isNew(parent) || isNew(child))
    .map(([parent, child]) => ({ project_id: projectId, parent_id: idOf(parent), child_id: idOf(child), ...times }));
  if (contents.length === 0) return;
  await db
    .insertInto('grantable_contains')
    .values(contents)
    .onConflict((known) => known.columns(['parent_id', 'child_id']).doNothing())
    .execute();
}

const builtIns = (db: Kysely<Database>, projectId: string) =>
  db
    .selectFrom('grantable')
    .select(['id', 'key'])
    .where('project_id', '=', projectId)
    .where('scope', '=', 'organization')
    .where('built_in', '=', sql.lit(1))
    .where('organization_id', 'is', null);
