import type { RequestOrigin } from '../actor.ts';
import type { Context } from '../context.ts';
import { isImpersonation, type LiveSession } from '../sessions/session.ts';
import { type ProjectServer, projectServer } from './project-server.ts';
import type { ServerLevel } from './server-level.ts';

/**
 * A member of the organization that owns the project administers it with their own session. Null: they are no member, or
 * somebody else acts in their name.
 * @param internal the project whose people own projects
 * @param live a session of `internal`, checked for this request
 */
export async function admitOwner(
  ctx: Pick<Context, 'project'>,
  internal: Pick<Context, 'store'>,
  live: LiveSession,
  level: ServerLevel,
  from: RequestOrigin,
): Promise<ProjectServer | null> {
  const { ownerOrganizationId } = ctx.project;
  if (ownerOrganizationId === null || isImpersonation(live.session)) return null;
  const member = await internal.store.read.memberships.findOf(ownerOrganizationId, live.user.id);
  return member ? projectServer(level, from) : null;
}
