import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { ServerActor } from '../actor.ts';
import type { Context } from '../context.ts';
import { type Admission, admitUser } from './admit-user.ts';

/**
 * The project's server signs somebody in, or acts as them. No second factor is asked: the server vouches for them.
 * @throws Refusal user_not_found, and what the gate refuses
 */
export async function openSessionForUser(
  ctx: Context,
  actor: ServerActor,
  input: { readonly userId: Id; readonly lifeSeconds: number; readonly impersonation: boolean },
): Promise<Extract<Admission, { kind: 'session' }>> {
  const admission = await act(ctx, actor, {}, async (tx) => {
    const person = await tx.users.find(input.userId);
    if (!person) return refuse('user_not_found', { given: input.userId });
    const admitted = await admitUser(ctx, tx, actor, person, {
      method: input.impersonation ? 'impersonation' : 'server',
      persistent: true,
      lifeSeconds: input.lifeSeconds,
    });
    return admitted;
  });
  if (admission instanceof Refusal || admission.kind !== 'session')
    throw new Error('a server is asked no second factor');
  return admission;
}
