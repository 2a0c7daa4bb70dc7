import type { Id } from '../base/ids.ts';

/** What one transaction changed that others keep in memory or wait for. */
export interface ChangeLog {
  /** The person, or any of their sessions. */
  user(id: Id): void;
  session(id: Id): void;
  /** A public one was recorded. */
  event(id: Id): void;
  /** Work was queued. */
  job(): void;
  /** The project itself: its name, its configuration, its end. */
  project(): void;
}

export interface Changes {
  readonly users: ReadonlySet<Id>;
  readonly sessions: ReadonlySet<Id>;
  /** Public events, as they were recorded. */
  readonly events: readonly Id[];
  readonly jobs: boolean;
  readonly projectChanged: boolean;
}

export function changeLog(): ChangeLog & Changes {
  const users = new Set<Id>();
  const sessions = new Set<Id>();
  const events: Id[] = [];
  let jobs = false;
  let projectChanged = false;
  return {
    users,
    sessions,
    events,
    user(id) {
      users.add(id);
    },
    session(id) {
      sessions.add(id);
    },
    event(id) {
      events.push(id);
    },
    get jobs() {
      return jobs;
    },
    job() {
      jobs = true;
    },
    get projectChanged() {
      return projectChanged;
    },
    project() {
      projectChanged = true;
    },
  };
}
