import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import { recordEvent } from './record-event.ts';

/**
 * A step of every sign-in that fails: the event, and a refusal whose log line says whose account it was.
 * @param person null when nobody is known by what was shown
 */
export async function refuseSignIn(
  ctx: Parameters<typeof recordEvent>[0] & Pick<Context, 'project'>,
  tx: Parameters<typeof recordEvent>[1] & Pick<Tx, 'events'>,
  actor: Actor,
  refused: Refusal,
  { person, ...by }: { readonly person: Id | null; readonly method: string } & JsonObject,
): Promise<Refusal> {
  await recordEvent(ctx, tx, actor, {
    type: 'account.sign_in_failed',
    subject: person,
    level: 'warn',
    data: { ...by, reason: refused.code },
  });
  return refuse(refused.code, { ...refused.detail, ...(person !== null && { person }) });
}
