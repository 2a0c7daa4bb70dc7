import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act, asBearer } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { endSessions } from '../endings/end-sessions.ts';
import { covers, isAdministrator, may, rightsOf } from '../permissions/project-rights.ts';
import { type Admission, admitUser } from './admit-user.ts';
import { checkSession } from './check-session.ts';
import { isImpersonation, type LiveSession } from './session.ts';

/**
 * Signs an administrator in as somebody else, for a while. Their own session goes on. Never from inside another
 * impersonation: the chain would lose who began it.
 * @throws Refusal not_signed_in, permission_denied, user_not_found, impersonation_forbidden with `field` nested or
 *   admin; what the gate refuses
 */
export async function impersonateUser(
  ctx: Context,
  actor: UserActor,
  userId: Id,
): Promise<Extract<Admission, { kind: 'session' }>> {
  const { session, user } = actor.live;
  if (isImpersonation(session)) throw new Refusal('impersonation_forbidden', { field: 'nested' });
  const { admin } = ctx.project.policy;
  return act(ctx, actor, { may: ['users.impersonate'] }, async (tx, { rights }) => {
    const person = await tx.users.find(userId);
    if (!person) return refuse('user_not_found');
    const theirs = await rightsOf(ctx, tx, person);
    const mayBeAdmin = admin.allowImpersonatingAdmins || may(rights, 'users.impersonate_admins');
    if (isAdministrator(theirs) && !(mayBeAdmin && covers(rights, theirs))) {
      return refuse('impersonation_forbidden', { field: 'admin' });
    }
    if (!covers(rights, theirs)) {
      return refuse('permission_denied', { field: 'users.impersonate', why: 'the person holds more than the actor' });
    }
    const admission = await admitUser(ctx, tx, actor, person, {
      method: 'impersonation',
      persistent: false,
      impersonator: { userId: user.id, sessionId: session.id, seconds: admin.impersonationSeconds },
    });
    if (admission instanceof Refusal) return admission;
    if (admission.kind !== 'session') throw new Error('impersonation is never followed by a second factor');
    return admission;
  });
}

/**
 * Ends an impersonation and gives the administrator their own session back.
 * @param ownToken of the session from which the impersonation began
 * @throws Refusal not_impersonating; session_not_found when the token is not that of a live session of theirs
 */
export async function stopImpersonating(ctx: Context, actor: UserActor, ownToken: string): Promise<LiveSession> {
  const { session, user } = actor.live;
  if (session.impersonatorId === null) throw new Refusal('not_impersonating');
  const own = await checkSession(ctx, ownToken, { fromStore: true, withoutExtending: true });
  if (own instanceof Refusal) throw new Refusal('session_not_found', { why: own.code });
  if (own.live.user.id !== session.impersonatorId || own.live.session.id !== session.impersonatorSessionId) {
    throw new Refusal('session_not_found', { why: 'not the session that began it' });
  }
  await asBearer(ctx, { credential: 'none' }, (tx) => endSessions(ctx, tx, actor, user.id, session.id));
  return own.live;
}
