import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import { admitSubject, refuseUnlessServer } from '../users/subject.ts';
import type { Person } from '../users/user.ts';
import type { Identity } from './identity.ts';

/** Oneself, or the project's server about anybody. */
export type OwnerOrServer = UserActor | ServerActor;

/**
 * Oldest first, also those of providers that are not configured any more.
 * @param userId null: of everybody, for servers
 * @throws Refusal self_only, user_not_found
 */
export async function identitiesOf(
  ctx: Context,
  actor: OwnerOrServer,
  userId: Id | null,
): Promise<readonly Identity[]> {
  if (userId === null) {
    settle(refuseUnlessServer(actor));
    return ctx.store.read.identities.listAll();
  }
  settle(await admitSubject(ctx.store.read, actor, userId));
  return ctx.store.read.identities.listOf(userId);
}

/**
 * A step: an identity of whom something is done for.
 * @param subject the person, or why it may not be done for them
 * @returns self_only, not_signed_in, identity_not_found
 */
export async function findIdentityOf(
  reads: Pick<Reads, 'identities'>,
  subject: Person | Refusal,
  { userId, id }: OneIdentity,
): Promise<Identity | Refusal> {
  if (subject instanceof Refusal && subject.code !== 'user_not_found') return subject;
  const identity = await reads.identities.find(id);
  return identity?.userId === userId ? identity : refuse('identity_not_found', { given: id, userId });
}

export interface OneIdentity {
  readonly userId: Id;
  readonly id: Id;
}

/** @throws Refusal self_only, identity_not_found */
export async function readIdentity(ctx: Context, actor: OwnerOrServer, which: OneIdentity): Promise<Identity> {
  const { read } = ctx.store;
  return settle(await findIdentityOf(read, await admitSubject(read, actor, which.userId), which));
}
