import type { Id } from '../base/ids.ts';
import type { LiveSession } from './sessions/session.ts';

/** Where a request came from, as far as it can be believed (rule 21). */
export interface RequestOrigin {
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Who asks. Ownership is read from here, never from an id in a body (core map M4). */
export type Actor = Anonymous | UserActor | SystemActor;

export interface Anonymous {
  readonly kind: 'anonymous';
  readonly from: RequestOrigin;
}

export interface UserActor {
  readonly kind: 'user';
  readonly from: RequestOrigin;
  readonly live: LiveSession;
}

/** A job or an operator at the command line. */
export interface SystemActor {
  readonly kind: 'system';
  readonly from: RequestOrigin;
}

export const nowhere: RequestOrigin = { ip: null, userAgent: null };
export const systemActor: SystemActor = { kind: 'system', from: nowhere };

export const actorUserId = (actor: Actor): Id | null => (actor.kind === 'user' ? actor.live.user.id : null);
