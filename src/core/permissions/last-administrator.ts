import type { Id } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Reads, Tx } from '../store.ts';
import { isBanned } from '../users/user.ts';
import { allows, expandGrants } from './grant-graph.ts';
import type { ProjectPermission } from './project-permissions.ts';
import { may, rightsOf } from './project-rights.ts';

/** Whoever has it can appoint another administrator. */
const appointing = 'users.set_role' satisfies ProjectPermission;

/**
 * Nobody leaves the project without a person who can appoint administrators. Servers, operators and jobs may: they can
 * appoint one. Decided under a lock, so that of two administrators who demote each other at once one stays.
 * @param roles of the person afterwards; `gone` when they are banned or erased
 * @returns last_administrator
 */
export async function refusedAsLastAdministrator(
  ctx: Pick<Context, 'project' | 'clock'>,
  tx: Tx,
  actor: Actor,
  userId: Id,
  roles: readonly string[] | 'gone',
): Promise<Refusal | null> {
  if (actor.kind === 'server' || actor.kind === 'system') return null;
  const now = ctx.clock.now();
  await tx.users.hold(userId);
  const person = await tx.users.find(userId);
  if (!person || isBanned(person, now) || person.deactivatedAt !== null) return null;
  if (!may(await rightsOf(ctx, tx, person), appointing)) return null;
  if (roles !== 'gone' && may(await rightsOf(ctx, tx, { id: userId, roles }), appointing)) return null;
  const graph = await tx.grants.graph('project');
  const permission = graph.find(({ key }) => key === appointing);
  if (permission) await tx.grants.lock(permission.id);
  return (await isThereAnAdministrator(ctx, tx, userId)) ? null : refuse('last_administrator');
}

/** Somebody who can sign in can appoint administrators. @param except another person than this one */
export async function isThereAnAdministrator(
  ctx: Pick<Context, 'project' | 'clock'>,
  reads: Pick<Reads, 'grants' | 'roles'>,
  except: Id | null = null,
): Promise<boolean> {
  const graph = await reads.grants.graph('project');
  const roles = graph.flatMap(({ key, kind }) =>
    kind === 'role' && expandGrants(graph, [key]).some((holding) => allows(holding, appointing)) ? [key] : [],
  );
  return reads.roles.isHeldByAnother({ roles, userIds: ctx.project.policy.admin.userIds, except }, ctx.clock.now());
}
