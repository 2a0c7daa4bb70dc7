import type { Id } from '../../base/ids.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import type { Reads } from '../store.ts';
import type { Person } from './user.ts';

/**
 * Whom work is done for inside the transaction: oneself, or anybody where the project's server asks (rule 28).
 * @param me who acts, as the door read them
 * @returns self_only, user_not_found
 */
export async function subjectOf(
  tx: Pick<Reads, 'users'>,
  me: { readonly person: Person | null },
  userId: Id,
): Promise<Person | Refusal> {
  if (me.person) return me.person.id === userId ? me.person : refuse('self_only');
  return (await tx.users.find(userId)) ?? refuse('user_not_found');
}

/**
 * The same for reading. A session that ended a moment ago sees nothing any more, whatever a cache still knows (core map T11).
 * @returns self_only, user_not_found, not_signed_in
 */
export async function admitSubject(
  reads: Pick<Reads, 'users' | 'sessions'>,
  actor: UserActor | ServerActor,
  userId: Id,
): Promise<Person | Refusal> {
  if (actor.kind === 'user') {
    if (actor.live.user.id !== userId) return refuse('self_only');
    if (!(await reads.sessions.find(actor.live.session.id)))
      return refuse('not_signed_in', { why: 'the session ended' });
  }
  return (await reads.users.find(userId)) ?? refuse('user_not_found');
}

/** A step: only the project's server speaks of everybody. @returns self_only */
export const refuseUnlessServer = (actor: UserActor | ServerActor): Refusal | null =>
  actor.kind === 'server' ? null : refuse('self_only');
