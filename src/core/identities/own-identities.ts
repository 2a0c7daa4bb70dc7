import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { ServerActor, UserActor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Reads } from '../store.ts';
import { admitSubject } from '../users/subject.ts';
import type { Identity } from './identity.ts';

/** Oneself, or the project's server about anybody. */
export type OwnerOrServer = UserActor | ServerActor;

/** Oldest first, also those of providers that are not configured any more. @throws Refusal self_only, user_not_found */
export async function identitiesOf(ctx: Context, actor: OwnerOrServer, userId: Id): Promise<readonly Identity[]> {
  settle(await admitSubject(ctx.store.read, actor, userId));
  return ctx.store.read.identities.listOf(userId);
}

/** A step: an identity of this person, for whoever may see it. @returns self_only, not_signed_in, identity_not_found */
export async function findIdentityOf(
  reads: Pick<Reads, 'users' | 'sessions' | 'identities'>,
  actor: OwnerOrServer,
  { userId, id }: { readonly userId: Id; readonly id: Id },
): Promise<Identity | Refusal> {
  const person = await admitSubject(reads, actor, userId);
  if (person instanceof Refusal && person.code !== 'user_not_found') return person;
  const identity = await reads.identities.find(id);
  return identity?.userId === userId ? identity : refuse('identity_not_found', { given: id, userId });
}

/** @throws Refusal self_only, identity_not_found */
export const readIdentity = async (
  ctx: Context,
  actor: OwnerOrServer,
  which: { readonly userId: Id; readonly id: Id },
): Promise<Identity> => settle(await findIdentityOf(ctx.store.read, actor, which));
