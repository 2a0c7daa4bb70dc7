import type { Id } from '../base/ids.ts';

/** What one transaction changed that a session cache may hold. */
export interface ChangeLog {
  /** The person, or any of their sessions. */
  user(id: Id): void;
  session(id: Id): void;
  /** Only `last_used_at` moved: other nodes lose nothing by not hearing of it. */
  sessionUse(id: Id): void;
}

export interface Changes {
  readonly users: ReadonlySet<Id>;
  readonly sessions: ReadonlySet<Id>;
  readonly used: ReadonlySet<Id>;
}

export function changeLog(): ChangeLog & Changes {
  const users = new Set<Id>();
  const sessions = new Set<Id>();
  const used = new Set<Id>();
  return {
    users,
    sessions,
    used,
    user: (id) => void users.add(id),
    session: (id) => void sessions.add(id),
    sessionUse: (id) => void used.add(id),
  };
}
