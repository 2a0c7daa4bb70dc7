import type { Id } from '../base/ids.ts';
import type { ApiKey } from './keys/api-key.ts';
import type { ProjectServer } from './projects/project-server.ts';
import type { LiveSession } from './sessions/session.ts';
import type { Person } from './users/user.ts';

/** Where a request came from, as far as it can be believed (rule 21). */
export interface RequestOrigin {
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Who asks. Ownership is read from here, never from an id in a body (core map M4). */
export type Actor = Anonymous | UserActor | KeyActor | ServerActor | SystemActor;

/** A person, at the keyboard or through a key of theirs. */
export type PersonActor = UserActor | KeyActor;

export interface Anonymous {
  readonly kind: 'anonymous';
  readonly from: RequestOrigin;
}

export interface UserActor {
  readonly kind: 'user';
  readonly from: RequestOrigin;
  readonly live: LiveSession;
}

/**
 * An API key that stands in for its owner (core map K4). It never makes keys, changes credentials, administers
 * people or counts as fresh: use cases that do any of these take a `UserActor`.
 */
export interface KeyActor {
  readonly kind: 'key';
  readonly from: RequestOrigin;
  readonly key: ApiKey;
  readonly live: { readonly user: Person };
}

/** A service of the project's owner that showed the project's secret. */
export type ServerActor = ProjectServer;

/** A job or an operator at the command line. */
export interface SystemActor {
  readonly kind: 'system';
  readonly from: RequestOrigin;
}

export const nowhere: RequestOrigin = { ip: null, userAgent: null };
export const systemActor: SystemActor = { kind: 'system', from: nowhere };

export const actorUserId = (actor: Actor): Id | null =>
  actor.kind === 'user' || actor.kind === 'key' ? actor.live.user.id : null;
