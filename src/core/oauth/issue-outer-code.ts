import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import type { WayIn } from '../credentials/way-in.ts';
import type { HeldVisit } from '../identities/hold-visit.ts';
import type { Tx } from '../store.ts';
import { clientCodeSeconds, type OuterRequest } from './outer-request.ts';

/** What is sealed in the code. */
export type OuterPayload = {
  request: OuterRequest;
  isNewUser: boolean;
  strongFrom: Instant | null;
  visit: HeldVisit | null;
};

export interface OuterGrant extends WayIn {
  readonly request: OuterRequest;
  readonly userId: Id;
  readonly isNewUser: boolean;
  /** The identity is linked when the client shows the code: the browser that came back may be another's. */
  readonly linking: { readonly sessionId: Id; readonly visit: HeldVisit } | null;
}

/** A step of what ends at a client: the code that it exchanges for a session. No session is made yet. */
export const issueOuterCode = (ctx: Context, tx: Tx, grant: OuterGrant): Promise<string> => {
  const { request, userId, isNewUser, strongFrom, linking } = grant;
  const payload: OuterPayload = { request, isNewUser, strongFrom, visit: linking?.visit ?? null };
  const bound = { userId, sessionId: linking?.sessionId ?? null };
  return issueCode(ctx, tx, { purpose: 'outer_code', lifeSeconds: clientCodeSeconds, ...bound, payload });
};
