import type { Id } from '../base/ids.ts';

/** What one transaction changed that a session cache may hold. */
export interface ChangeLog {
  /** The person, or any of their sessions. */
  user(id: Id): void;
  session(id: Id): void;
}

export interface Changes {
  readonly users: ReadonlySet<Id>;
  readonly sessions: ReadonlySet<Id>;
}

export function changeLog(): ChangeLog & Changes {
  const users = new Set<Id>();
  const sessions = new Set<Id>();
  return {
    users,
    sessions,
    user: (id) => void users.add(id),
    session: (id) => void sessions.add(id),
  };
}
