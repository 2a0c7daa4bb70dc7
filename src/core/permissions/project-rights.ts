import { type Refusal, refuse } from '../../base/refusal.ts';
import type { KeyActor, ServerActor, SystemActor, UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import type { Person } from '../users/user.ts';
import { statusRefusal } from '../users/user-status.ts';
import { allows, expandGrants, type GrantReads, type Holding } from './grant-graph.ts';
import { type ProjectPermission, projectPermissions } from './project-permissions.ts';

/**
 * Whoever may change something over the whole project; never through an API key, which lies in files and logs and shows
 * no second factor. The last two need nobody's leave.
 */
export type AdminActor = UserActor | ServerActor | SystemActor;

/** Whoever may look at it. */
export type AdminReader = AdminActor | KeyActor;

/** One holding for each role: several roles do not add up when a right is asked for several actions at once. */
export type ProjectRights = readonly Holding[];

export const everyRight: ProjectRights = [{ all: true, permissions: new Set() }];
export const noRight: ProjectRights = [];

type Needs = Pick<Context, 'project'>;

export async function rightsOf(
  ctx: Needs,
  reads: { readonly grants: GrantReads },
  person: Pick<Person, 'id' | 'roles'>,
): Promise<ProjectRights> {
  if (ctx.project.policy.admin.userIds.includes(person.id)) return everyRight;
  return person.roles.length === 0 ? [] : expandGrants(await reads.grants.graph('project'), person.roles);
}

export const may = (rights: ProjectRights, permission: string): boolean =>
  rights.some((holding) => allows(holding, permission));

/** One role must grant all that is asked; nothing asked is nothing granted. */
export const mayAll = (rights: ProjectRights, permissions: readonly string[]): boolean =>
  permissions.length > 0 && rights.some((holding) => permissions.every((permission) => allows(holding, permission)));

/** Has the one at least what the other has? Nobody hands out, or takes over, more than they hold (rule 29). */
export const covers = (rights: ProjectRights, others: ProjectRights): boolean =>
  rights.some(({ all }) => all) ||
  others.every(({ all, permissions }) => !all && [...permissions].every((permission) => may(rights, permission)));

export const isAdministrator = (rights: ProjectRights): boolean =>
  projectPermissions.some((permission) => may(rights, permission));

/**
 * What the actor holds now: read from the store, not from a session that may have been cached before they were demoted
 * or banned. Refuses unless each of `permissions` is held.
 * @returns not_signed_in, permission_denied with the missing permission as `field`
 */
export async function admitAdmin(
  ctx: Pick<Context, 'project' | 'surface' | 'clock'>,
  reads: Pick<Reads, 'users' | 'sessions' | 'grants'>,
  actor: AdminReader,
  permissions: readonly ProjectPermission[],
): Promise<ProjectRights | Refusal> {
  if (actor.kind === 'system' || actor.kind === 'server') return everyRight;
  const person = await reads.users.find(actor.live.user.id);
  if (!person) return refuse('not_signed_in', { why: 'the person is gone' });
  if (actor.kind === 'user' && !(await reads.sessions.find(actor.live.session.id))) {
    return refuse('not_signed_in', { why: 'the session ended' });
  }
  const barred = statusRefusal(ctx, person, ctx.clock.now());
  if (barred) return refuse('not_signed_in', { why: barred.code });
  const rights = await rightsOf(ctx, reads, person);
  return missingRight(rights, permissions) ?? rights;
}

/** @returns permission_denied with the first missing permission as `field`; null when all are held */
export function missingRight(rights: ProjectRights, permissions: readonly ProjectPermission[]): Refusal | null {
  const missing = permissions.find((permission) => !may(rights, permission));
  return missing === undefined ? null : refuse('permission_denied', { field: missing });
}
