import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { Store } from '../store.ts';

/** Collects last uses and writes them together: a session check itself writes nothing. */
export interface SessionUses {
  note(id: Id, at: Instant): void;
  /** Writes what was noted. Losing a note in a crash costs a minute's accuracy of `last_used_at`. */
  flush(): Promise<void>;
}

/** How exact the time is when a person was last seen. */
const activityStepMs = 300_000;

/** How many are written in one transaction. */
const together = 1000;

export function createSessionUses(store: Pick<Store, 'transaction'>): SessionUses {
  let noted = new Map<Id, Instant>();
  return {
    note(id, at) {
      noted.set(id, at);
    },
    async flush() {
      if (noted.size === 0) return;
      const uses = [...noted].map(([id, at]) => ({ id, at }));
      noted = new Map();
      // A little at a time: others write in between.
      for (let start = 0; start < uses.length; start += together) {
        const some = uses.slice(start, start + together);
        await store.transaction((tx) => tx.sessions.touch(some));
        // Apart: others change a person first and their sessions afterwards, and would wait for this in a circle.
        await store.transaction((tx) => tx.users.noteActivity(some, activityStepMs));
      }
    },
  };
}
