import { Refusal } from '../../base/refusal.ts';
import type { KeyActor, ServerActor, UserActor } from '../../core/actor.ts';
import { isFresh } from '../../core/sessions/check-session.ts';
import type { Me } from '../kit/needs.ts';
import type { BetterAuthCall } from './call.ts';
import type { BetterAuthEndpoint, BetterAuthNeeds } from './endpoint.ts';
import { serviceActor } from './service-credential.ts';

/**
 * Who calls, where the endpoint lets them in.
 * @throws Refusal not_signed_in (whatever stands against the session), session_not_fresh, api_key_cannot_act,
 * access_level_insufficient, api_key_*, user_banned
 */
export function admit(call: BetterAuthCall, endpoint: BetterAuthEndpoint): Me | Promise<Me<BetterAuthNeeds>> {
  switch (endpoint.needs) {
    case 'nobody':
      return null;
    case 'user':
      return user(call, endpoint);
    case 'user_or_key':
      return userOrKey(call, endpoint);
    case 'user_or_server':
      return serviceActor(call) ?? user(call, endpoint);
    case 'user_key_or_server':
      return serviceActor(call) ?? userOrKey(call, endpoint);
    case 'server':
      return server(call);
  }
}

async function user(call: BetterAuthCall, endpoint: BetterAuthEndpoint): Promise<UserActor> {
  if (await call.key()) throw new Refusal('api_key_cannot_act');
  return signedIn(call, endpoint);
}

async function userOrKey(call: BetterAuthCall, endpoint: BetterAuthEndpoint): Promise<UserActor | KeyActor> {
  return (await call.key()) ?? signedIn(call, endpoint);
}

async function signedIn(call: BetterAuthCall, { fresh, fromStore = false }: BetterAuthEndpoint): Promise<UserActor> {
  const found = await call.session({ fromStore });
  // Which rule keeps a session out is told at sign-in, not to whoever holds a token (core map §4).
  if (found instanceof Refusal) throw new Refusal('not_signed_in', { why: found.code });
  const mustBeFresh = fresh === true && call.settings.listSessionsFresh;
  if (mustBeFresh && !isFresh(call.ctx, found.live.session)) throw new Refusal('session_not_fresh');
  return { kind: 'user', from: call.from, live: found.live };
}

function server(call: BetterAuthCall): ServerActor {
  const actor = serviceActor(call);
  if (!actor) throw new Refusal('access_level_insufficient');
  return actor;
}
