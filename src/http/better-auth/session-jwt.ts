import type { LiveSession } from '../../core/sessions/session.ts';
import { mintSessionJwt } from '../../core/signing/mint-session-jwt.ts';
import type { BetterAuthCall } from './call.ts';
import { userWire } from './wire.ts';

/** The session as a token: the user's members are its claims. */
export const sessionJwt = (call: BetterAuthCall, live: LiveSession): Promise<string> =>
  mintSessionJwt(call.ctx, live, {
    alg: call.settings.jwtAlgorithm,
    claims: JSON.parse(JSON.stringify(userWire(live.user, call.settings))),
  });
