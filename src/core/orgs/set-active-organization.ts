import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Organization } from './organization.ts';
import { findOrganization, type WhichOrganization } from './read-organization.ts';
import { standingOf } from './standing.ts';

/**
 * Where the session works from now on; null: nowhere. Its team stays only while the organization does.
 * Whoever asks for an organization they do not belong to works nowhere afterwards.
 * @throws Refusal organization_not_found (by slug), not_a_member
 */
export async function setActiveOrganization(
  ctx: Context,
  actor: UserActor,
  which: WhichOrganization | null,
): Promise<Organization | null> {
  const { session, user } = actor.live;
  return act(ctx, actor, {}, async (tx) => {
    const now = ctx.clock.now();
    if (which === null) {
      if (session.activeOrganizationId !== null) await tx.sessions.setActive(session.id, null, null, now);
      return null;
    }
    const found = await findOrganization(tx, actor, which);
    if (found instanceof Refusal && which !== 'active' && 'id' in which) {
      // By its id, one that is not there is not told from one of others.
      await tx.sessions.setActive(session.id, null, null, now);
      return refuse('not_a_member', { organizationId: which.id, userId: user.id });
    }
    if (!found || found instanceof Refusal) return found;
    // Locked, so that a removal at the same moment is either seen here or clears what is written here.
    const standing = await standingOf(tx, await tx.organizations.lock(found.id), user.id);
    if (standing instanceof Refusal) {
      await tx.sessions.setActive(session.id, null, null, now);
      return standing;
    }
    if (session.activeOrganizationId !== found.id) await tx.sessions.setActive(session.id, found.id, null, now);
    return standing.organization;
  });
}
