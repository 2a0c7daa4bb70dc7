import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import { builtInRoles, organizationPermissions } from '../../core/orgs/role.ts';
import type { Database } from '../schema.ts';

const hexclaveNames: { readonly [permission in (typeof organizationPermissions)[number]]?: string } = {
  'org.update': '$update_team',
  'org.delete': '$delete_team',
  'members.read': '$read_members',
  'keys.manage': '$manage_api_keys',
};

/** What every organization of every project can give (core map O5). */
const grantables = [
  ...organizationPermissions.map((key) => ({
    key,
    kind: 'permission' as const,
    owner: 0,
    holds_all: 0,
    description: null,
    hexclave_id: hexclaveNames[key] ?? null,
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
  const contents = builtInRoles
    // What an operator took from a role that was there stays taken.
    .filter(({ key }) => !before.some((row) => row.key === key))
    .flatMap(({ key, holds }) => (holds === 'all' ? [] : holds.map((child) => [idOf(key), idOf(child)] as const)));
  if (contents.length === 0) return;
  await db
    .insertInto('grantable_contains')
    .values(contents.map(([parent_id, child_id]) => ({ project_id: projectId, parent_id, child_id, ...times })))
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
