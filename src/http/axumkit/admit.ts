import { Refusal } from '../../base/refusal.ts';
import type { UserActor } from '../../core/actor.ts';
import type { AxumKitCall } from './call.ts';
import type { AxumKitEndpoint } from './endpoint.ts';

/**
 * Who calls, where the endpoint lets them in. Asked before the body is read (spec §1.3), and once more for the handler:
 * the call keeps what it found.
 * @throws Refusal not_signed_in, session_expired
 */
export function admit(call: AxumKitCall, { needs }: AxumKitEndpoint): null | Promise<UserActor> {
  return needs === 'nobody' ? null : user(call);
}

async function user(call: AxumKitCall): Promise<UserActor> {
  const found = await call.session();
  if (!(found instanceof Refusal)) return { kind: 'user', from: call.from, live: found.live };
  if (found.code === 'session_expired') throw found;
  // Which rule keeps a session out is told at sign-in, not to whoever holds a token (core map §4).
  throw new Refusal('not_signed_in', { why: found.code });
}
