import type { LiveSession } from '../../core/sessions/session.ts';
import type { Raw } from '../kit/answer.ts';

/** What this dialect keeps with a live session, for as long as neither session nor person changes. */
export interface Kept {
  /** The signed cookie that was found right. */
  cookie: string | null;
  /** The answer to who is signed in. */
  json: Raw | null;
}

export function keptWith({ rendered }: LiveSession): Kept {
  rendered['better-auth'] ??= { cookie: null, json: null } satisfies Kept;
  return rendered['better-auth'] as Kept;
}
